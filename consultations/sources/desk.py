"""Staff pages of sources: which feeds are read, what was found in them, and whose dates to take."""

from functools import cached_property

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from accounts.models import Organisation
from consultations import tasks
from consultations.events.models import Event
from consultations.models import Consultation
from consultations.sources import actions
from consultations.sources.models import BAD_NIGHTS, Found, Source
from consultations.writing.values import values_of
from core.acting import ActingView
from core.dates import short_day_words, time_words, today
from core.forms import HubForm
from core.permissions import Permission
from core.records import kinds

PER_PAGE = 20
DATE_WORDS = {
    "opens_on": gettext_lazy("opens"),
    "closes_on": gettext_lazy("closes"),
    "first_day": gettext_lazy("day"),
    "starts_at": gettext_lazy("starts"),
    "ends_at": gettext_lazy("ends"),
}


class SourceForm(HubForm, forms.ModelForm):
    """One feed: whose, where, and whether it is read."""

    enter_words = {"url": gettext_lazy("Enter the address of the feed")}

    url = forms.URLField(
        label=gettext_lazy("Address of the feed"),
        help_text=gettext_lazy("Such as https://consult.example.org/api/2.4/json_search_results?st=open"),
        max_length=500,
        assume_scheme="https",
    )

    class Meta:
        model = Source
        fields = ("organisation", "kind", "url", "is_on")
        help_texts = {
            "organisation": gettext_lazy("Drafts that we make of it are theirs."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.order_by("name")


class Sources(TemplateView):
    """Every feed, and how reading it went."""

    permission = Permission.EDIT_SOURCES
    template_name = "sources/list.html"

    def get_context_data(self, **kwargs):
        """A page of sources."""
        rows = (
            Source.objects.select_related("organisation")
            .annotate(entries=Count("found"))
            .order_by("organisation__name", "url")
        )
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        changes = Found.objects.changed().count()
        return super().get_context_data(page=page, most=BAD_NIGHTS, changes=changes, **kwargs)


class EditSource(ActingView):
    """One feed, new or changed."""

    permission = Permission.EDIT_SOURCES
    template_name = "sources/edit.html"
    form_class = SourceForm

    @cached_property
    def source(self) -> Source | None:
        """The source that is changed; None for a new one."""
        return get_object_or_404(Source, pk=self.kwargs["pk"]) if "pk" in self.kwargs else None

    def get_form_kwargs(self):
        """The source as it is."""
        return super().get_form_kwargs() | {"instance": self.source}

    def form_valid(self, form):
        """Keep the form, whose row the action needs."""
        self._form = form
        return super().form_valid(form)

    def act(self, said):
        """Write it down."""
        source = actions.save_source(self._form.instance, by=self.request.user)
        messages.success(self.request, _("Saved."))
        return redirect("consultations:source", pk=source.pk)

    def get_context_data(self, **kwargs):
        """Which source it is."""
        return super().get_context_data(source=self.source, **kwargs)


class ReadNow(View):
    """Have a source read at once."""

    permission = Permission.EDIT_SOURCES
    http_method_names = ["post"]

    def post(self, request, pk: int):
        """Ask a worker: the other site may be slow."""
        source = get_object_or_404(Source, pk=pk)
        with transaction.atomic():
            transaction.on_commit(lambda: tasks.read_source.delay(source.pk))
        messages.success(request, _("We are reading it. Look at this page again in a minute."))
        return redirect("consultations:source", pk=source.pk)


def shown(page) -> list[dict]:
    """What was found, as the pages list it."""
    listed = []
    for found in page:
        record = found.record
        row = {"found": found, "record": record, "page": "", "ours": "", "theirs": ""}
        if record is not None:
            kind = "event" if isinstance(record, Event) else "consultation"
            row["page"] = kinds()[kind].page(record)
            row["theirs"] = date_words(found.says)
            row["ours"] = date_words(values_of(record, found.says))
            row["differs"] = found.says != found.settled
        listed.append(row)
    return listed


def date_words(dates: dict) -> str:
    """Some dates in one line: "opens 3 May, closes 4 June"."""
    day = today()
    said = []
    for name, words in DATE_WORDS.items():
        if name not in dates:
            continue
        value = dates[name]
        field = (Event if name in ("first_day", "starts_at", "ends_at") else Consultation)._meta.get_field(name)
        value = field.to_python(value) if value else None
        if value is None:
            continue
        said.append(f"{words} {time_words(value) if name.endswith('_at') else short_day_words(value, day)}")
    return ", ".join(said) or _("no date")


class ListOfFound(TemplateView):
    """A list of what was found."""

    permission = Permission.EDIT_SOURCES
    template_name = "sources/found.html"

    @cached_property
    def source(self) -> Source | None:
        """The source of all of it, where it is one."""
        return None

    def rows(self) -> QuerySet[Found]:
        """What is listed."""
        return Found.objects.changed()

    def get_context_data(self, **kwargs):
        """A page of it."""
        rows = self.rows().select_related("source", "consultation", "event")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, rows=shown(page), source=self.source, most=BAD_NIGHTS, **kwargs)


class Changes(ListOfFound):
    """Everything whose dates changed at its source."""


class OneSource(ListOfFound):
    """What was found in one source, the newest first."""

    @cached_property
    def source(self) -> Source:
        """The source that the address names."""
        return get_object_or_404(Source.objects.select_related("organisation"), pk=self.kwargs["pk"])

    def rows(self):
        """All of it."""
        return Found.objects.filter(source=self.source)


class Settle(View):
    """Choose between the source's dates and ours."""

    permission = Permission.EDIT_SOURCES
    http_method_names = ["post"]

    def post(self, request, pk: int):
        """Do it, or say why it cannot be."""
        found = get_object_or_404(Found.objects.changed(), pk=pk)
        try:
            messages.success(request, self.act(found))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return redirect("consultations:source-changes")

    def act(self, found: Found) -> str:
        """Do it, and say so."""
        raise NotImplementedError


class TakeDates(Settle):
    """Take the dates of the source."""

    def act(self, found):
        """By the action that moves the dates of such a record."""
        actions.take_dates(found, by=self.request.user, on=today())
        return _("It has the dates of the source now.")


class KeepDates(Settle):
    """Keep our own dates."""

    def act(self, found):
        """Until the source changes again."""
        actions.keep_dates(found, by=self.request.user)
        return _("Our dates stay. We ask again only when the source changes once more.")


desk_urlpatterns = [
    path("desk/sources/", Sources.as_view(), name="sources"),
    path("desk/sources/new/", EditSource.as_view(), name="source-add"),
    path("desk/sources/changes/", Changes.as_view(), name="source-changes"),
    path("desk/sources/<int:pk>/", OneSource.as_view(), name="source"),
    path("desk/sources/<int:pk>/change/", EditSource.as_view(), name="source-edit"),
    path("desk/sources/<int:pk>/read/", ReadNow.as_view(), name="source-read"),
    path("desk/sources/found/<int:pk>/take/", TakeDates.as_view(), name="found-take"),
    path("desk/sources/found/<int:pk>/keep/", KeepDates.as_view(), name="found-keep"),
]
