"""Staff pages about consultations: the rows of an import that wait for a person, and who answers for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView, TemplateView

from accounts.forms import Takers
from accounts.models import Membership
from accounts.rules import writes_somewhere
from consultations.actions import name_owner
from consultations.events.imports import EventImporter
from consultations.events.models import Event
from consultations.events.printed import read_rule
from consultations.freshness import out_of_date
from consultations.imports import NOT_TWIN, ConsultationImporter
from consultations.models import Consultation
from core.acting import ActingView
from core.dates import today
from core.forms import DayField, HubForm
from core.imports import TAKEN_BEFORE, importers, leave_out, let_wait_again, take_again
from core.models import HeldFor, ImportedRow
from core.permissions import Permission
from core.records import kinds
from notices.actions import mend_duties

PER_PAGE = 20

# The columns of a row, in words for people.
COLUMN_WORDS = {
    "reference": gettext_lazy("Reference"),
    "title": gettext_lazy("Title"),
    "consultation_title": gettext_lazy("Title of the consultation"),
    "consultation_reference": gettext_lazy("Reference of the consultation"),
    "entry": gettext_lazy("Number"),
    "organisation": gettext_lazy("Organisation"),
    "organiser": gettext_lazy("Who runs it"),
    "place": gettext_lazy("Place"),
    "starts": gettext_lazy("Starts"),
    "ends": gettext_lazy("Ends"),
    "recurrence_text": gettext_lazy("How it repeats"),
    "online": gettext_lazy("Online"),
    "service_area": gettext_lazy("Part of the service"),
    "record_kind": gettext_lazy("What the page shows"),
    "summary": gettext_lazy("Summary"),
    "raw_dates": gettext_lazy("Dates as printed"),
    "opens": gettext_lazy("Opens"),
    "closes": gettext_lazy("Closes"),
    "url": gettext_lazy("Its own page"),
    "audience": gettext_lazy("Who it is for"),
    "topics": gettext_lazy("Topics"),
    "response_published": gettext_lazy("Answer published"),
    "response_published_on": gettext_lazy("Day of the answer"),
    "raw_response_date": gettext_lazy("Month of the answer"),
    "responses_received": gettext_lazy("How many took part"),
    "status_basis": gettext_lazy("How we know of the answer"),
    "possible_duplicate_of": gettext_lazy("May be the same as"),
    "retrieved_as": gettext_lazy("Kind of page"),
    "source_url": gettext_lazy("Page it was read on"),
    "notes": gettext_lazy("Notes"),
    "you_said": gettext_lazy("What people said"),
    "we_did": gettext_lazy("What was done"),
    "status": gettext_lazy("Answer"),
    "read_on": gettext_lazy("Day the page was read"),
    "related_to": gettext_lazy("Belongs with"),
    "year": gettext_lazy("Year"),
    "method": gettext_lazy("How families were heard"),
    "participation_level": gettext_lazy("How much say families had"),
    "what_changed": gettext_lazy("What changed"),
}
LINKS = ("url", "source_url")
# In an address, in place of a reason: the rows of which somebody said that they stay out.
LEFT_OUT = "left_out"


@dataclass(frozen=True)
class HeldRow:
    """A held row as a card of the list."""

    row: ImportedRow
    twin: ImportedRow | None
    twin_record: Consultation | None

    @property
    def title(self) -> str:
        """What it is about."""
        return self.row.row.get("title") or self.row.row.get("you_said") or self.row.reference

    @property
    def facts(self) -> list[str]:
        """What tells it from its neighbours."""
        names = ("organisation", "organiser", "raw_dates", "recurrence_text", "consultation_title")
        return [self.row.row[name] for name in names if self.row.row.get(name)]

    @property
    def twin_title(self) -> str:
        """What the row it may repeat is called."""
        if self.twin_record:
            return self.twin_record.title
        return (self.twin.row.get("title") if self.twin else "") or self.row.twin


def with_twins(rows: Iterable[ImportedRow]) -> list[HeldRow]:
    """The rows beside the rows and records that they may repeat, in two queries however many there are."""
    rows = list(rows)
    references = {row.twin for row in rows if row.twin}
    twins = {
        each.reference: each
        for each in ImportedRow.objects.filter(kind=ConsultationImporter.kind, reference__in=references)
    }
    records = Consultation.objects.published().filter(reference__in=references).only("title", "slug", "reference")
    of_reference = {each.reference: each for each in records}
    return [HeldRow(row, twins.get(row.twin), of_reference.get(row.twin)) for row in rows]


def held_rows(reason: str):
    """The rows that wait for a person, for one reason or for any."""
    if reason == LEFT_OUT:
        return ImportedRow.objects.left_out()
    held = ImportedRow.objects.held()
    return held.filter(held_for=reason) if reason else held


def reason_asked(asked) -> str:
    """The reason that an address asks for."""
    return asked.get("reason", "") if asked.get("reason") in (*HeldFor.values, LEFT_OUT) else ""


class HeldRows(TemplateView):
    """Every row that waits for a person, by reason."""

    permission = Permission.CHECK_IMPORTS
    template_name = "consultations/desk/held_rows.html"

    def get_context_data(self, **kwargs):
        """A page of rows, and how many wait for each reason."""
        chosen = reason_asked(self.request.GET)
        kept = ImportedRow.objects.exclude(held_for="").order_by().values("held_for")
        rows = kept.annotate(wait=Count("pk", filter=Q(left_out_on=None)), out=Count("left_out_on"))
        counted = {row["held_for"]: row for row in rows}
        page = Paginator(held_rows(chosen), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            rows=with_twins(page),
            page=page,
            chosen=chosen,
            total=sum(row["wait"] for row in counted.values()),
            reasons=[
                (reason.value, reason.label, counted[reason]["wait"])
                for reason in HeldFor
                if reason in counted and counted[reason]["wait"]
            ],
            left_out=sum(row["out"] for row in counted.values()),
            **kwargs,
        )


class TakeForm(HubForm, forms.Form):
    """What a person found out about a held row: the day it closed, or the first day on which it meets."""

    closes = DayField(
        label=gettext_lazy("Closing day"),
        help_text=gettext_lazy("The last day on which people could take part. The page it came from may say."),
    )
    starts = DayField(
        label=gettext_lazy("First date"),
        help_text=gettext_lazy("The first day on which it meets or met. The page it came from may say."),
    )

    def __init__(self, *args, asks: str, **kwargs):
        """`asks`: which of the two days; empty for none."""
        super().__init__(*args, **kwargs)
        for name in {"closes", "starts"} - {asks}:
            del self.fields[name]

    def clean_closes(self):
        """What has not closed is listed by its service, not imported."""
        day = self.cleaned_data["closes"]
        if day >= today():
            raise ValidationError(_("The closing day must be in the past"))
        return day


class OneHeldRow(FormView):
    """A held row as it came, beside its twin; and, where a person can decide, the button that takes it in."""

    permission = Permission.CHECK_IMPORTS
    template_name = "consultations/desk/held_row.html"
    form_class = TakeForm

    @cached_property
    def row(self) -> ImportedRow:
        """The row; one that has been taken in meanwhile is still found."""
        return get_object_or_404(ImportedRow, pk=self.kwargs["pk"])

    @property
    def can_be_taken(self) -> bool:
        """Whether a person's answer is all that it waits for."""
        row = self.row
        if row.left_out_on:
            return False
        if row.held_for == HeldFor.POSSIBLE_DUPLICATE:
            return row.kind == ConsultationImporter.kind
        return row.held_for == HeldFor.NEEDS_DATES and bool(self.asks)

    @property
    def can_be_made(self) -> bool:
        """Whether somebody can make an event of it on the desk: nothing else knows what its words mean."""
        row = self.row
        waits = row.held_for in (HeldFor.NEEDS_DATES, HeldFor.NEEDS_RULE) and not row.left_out_on
        return row.kind == EventImporter.kind and waits and self.record is None

    @property
    def asks(self) -> str:
        """The column that lacks a day, where the day is all that is missing; empty when none does."""
        cells = self.row.row
        if self.row.kind == ConsultationImporter.kind:
            return "" if cells.get("closes") else "closes"
        words = cells.get("recurrence_text", "")
        lacks_day = self.row.kind == EventImporter.kind and not cells.get("starts")
        return "starts" if lacks_day and (not words or read_rule(words)) else ""

    @cached_property
    def record(self) -> Consultation | Event | None:
        """What the hub has under the row's reference."""
        model = {ConsultationImporter.kind: Consultation, EventImporter.kind: Event}.get(self.row.kind)
        if model is None:
            return None
        return model.objects.kept().filter(reference=self.row.reference).only("title", "slug").first()

    def dispatch(self, request, *args, **kwargs):
        """Somebody else may have dealt with the row a moment ago; others need more than a form."""
        if not self.row.held_for:
            messages.info(request, _("This row does not wait any more."))
            return redirect("consultations:held-rows")
        if request.method == "POST" and not self.can_be_taken:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        """Ask for the day only where it is missing."""
        return super().get_form_kwargs() | {"asks": self.asks}

    def form_valid(self, form):
        """Judge the row again with what the person knows."""
        typed = {name: day.isoformat() for name, day in form.cleaned_data.items()}
        if self.row.held_for == HeldFor.POSSIBLE_DUPLICATE:
            typed[NOT_TWIN] = self.row.twin
        for reason in take_again(self.row, by=self.request.user, today=today(), **typed):
            form.add_error(self.asks or None, reason.partition(": ")[2])
        if form.errors:
            return self.form_invalid(form)
        messages.success(self.request, _("The record is in the hub: %(title)s") % {"title": self.row.row["title"]})
        return redirect("consultations:held-rows")

    def get_context_data(self, **kwargs):
        """The cells of the row, beside those of its twin or of what it said before."""
        (held,) = with_twins([self.row])
        beside, heading = None, ""
        if held.twin:
            beside, heading = held.twin.row, _("The row it may repeat")
        elif TAKEN_BEFORE in self.row.row:
            beside, heading = self.row.row[TAKEN_BEFORE], _("What it said when it was taken in")
        return super().get_context_data(
            held=held,
            record=self.record,
            record_url=self._staff_page,
            cells=cells_of(self.row, beside),
            beside_heading=heading,
            can_be_taken=self.can_be_taken,
            can_be_made=self.can_be_made,
            left_out_by=get_user_model()._base_manager.filter(pk=self.row.left_out_by).first(),
            **kwargs,
        )

    @property
    def _staff_page(self) -> str:
        """Where somebody can put the record right by hand."""
        if self.record is None:
            return ""
        is_event = isinstance(self.record, Event)
        return reverse("events:desk-event" if is_event else "consultations:desk-consultation", args=[self.record.slug])


def cells_of(row: ImportedRow, beside: dict | None = None) -> list[dict]:
    """The cells of a row in the order of its file, in words, each beside that of another row where there is one."""
    importer = importers().get(row.kind)
    order = list(importer.columns) if importer else []
    order += [name for name in row.row if name not in order and not name.startswith("_")]
    cells = []
    for name in order:
        value, other = row.row.get(name, ""), (beside or {}).get(name, "")
        if value or other:
            cells.append(
                {
                    "name": COLUMN_WORDS.get(name, name),
                    "value": value,
                    "other": other,
                    "is_link": name in LINKS and value.startswith(("https://", "http://")),
                    "other_is_link": name in LINKS and other.startswith(("https://", "http://")),
                    "differs": beside is not None and value != other,
                }
            )
    return cells


class LeaveRowOut(View):
    """The press that says of a row that it stays out, and the press that undoes it."""

    permission = Permission.CHECK_IMPORTS

    def post(self, request, pk):
        """Leave it out, or let it wait again."""
        row = get_object_or_404(ImportedRow, pk=pk)
        if "again" in request.POST:
            let_wait_again(row, by=request.user)
            messages.success(request, _("The row waits again."))
            return redirect("consultations:held-row", pk=row.pk)
        try:
            leave_out(row, by=request.user, on=today())
        except ValidationError as refused:
            messages.info(request, " ".join(refused.messages))
        else:
            messages.success(request, _("It is left out. You find it under “left out”, and can bring it back."))
        return redirect("consultations:held-rows")


class OwnerForm(HubForm, forms.Form):
    """Who answers for a consultation, and who deputises."""

    owner = Takers(
        label=gettext_lazy("Owner"), queryset=Membership.objects.none(), empty_label=gettext_lazy("Choose one")
    )
    deputy = Takers(
        label=gettext_lazy("Deputy (optional)"),
        help_text=gettext_lazy("Is told too, and stands in."),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Nobody"),
        required=False,
    )
    marks_optional = False

    def __init__(self, *args, takers, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.queryset = takers


class NameOwner(ActingView):
    """Let somebody else answer for a consultation."""

    permission = Permission.NAME_OWNER
    template_name = "consultations/desk/owner.html"
    form_class = OwnerForm

    def dispatch(self, request, *args, **kwargs):
        """Only for those who may say who answers for it."""
        rows = Consultation.objects.kept().select_related("organisation", "owner__user", "deputy__user").defer("search")
        self.consultation = get_object_or_404(rows, slug=kwargs["slug"])
        if not request.user.has_perm(self.permission, self.consultation):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        """Those who could answer for it."""
        takers = Membership.objects.could_answer_for(self.consultation.organisation)
        return super().get_form_kwargs() | {"takers": takers}

    def get_initial(self):
        """Who answers now."""
        return {"owner": self.consultation.owner_id, "deputy": self.consultation.deputy_id}

    def act(self, said):
        """Name them."""
        name_owner(self.consultation, by=self.request.user, **said)
        mend_duties(by=self.request.user, on=today(), now=timezone.now())
        messages.success(self.request, _("The owner is changed. They are told from the next reminder on."))
        return redirect("desk")

    def get_context_data(self, **kwargs):
        """Which consultation it is."""
        return super().get_context_data(consultation=self.consultation, **kwargs)


class OutOfDate(TemplateView):
    """What families read and nobody has checked by its day, the longest first, each with the page to say so."""

    permission = Permission.USE_DESK
    template_name = "consultations/desk/out_of_date.html"

    def get_context_data(self, **kwargs):
        """A page of listings, events and bodies, narrowed by words of title and service."""
        user, day = self.request.user, today()
        may_see_all = user.has_perm(Permission.SEE_ALL_DESKS)
        everyone = may_see_all and self.request.GET.get("show") != "mine"
        words = (self.request.GET.get("q") or "").replace("\x00", "")[:100].split()
        stale = out_of_date(user, day, everyone=everyone, words=words)
        page = Paginator(stale, PER_PAGE).get_page(self.request.GET.get("page"))
        labels = {name: kind.label for name, kind in kinds().items()}
        return super().get_context_data(
            everyone=everyone,
            may_see_all=may_see_all,
            may_act=writes_somewhere(user),
            words=" ".join(words),
            page=page,
            rows=[row | {"label": labels[row["record_kind"]]} for row in page],
            **kwargs,
        )


desk_urlpatterns = [
    path("desk/out-of-date/", OutOfDate.as_view(), name="out-of-date"),
    path("desk/consultations/<slug:slug>/owner/", NameOwner.as_view(), name="owner"),
    path("desk/imports/", HeldRows.as_view(), name="held-rows"),
    path("desk/imports/<int:pk>/", OneHeldRow.as_view(), name="held-row"),
    path("desk/imports/<int:pk>/leave-out/", LeaveRowOut.as_view(), name="held-row-leave-out"),
]
