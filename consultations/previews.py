"""Drafts shown without an account: the page that a link opens, and the staff pages that make and end links."""

from functools import cached_property

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from consultations import views
from consultations.actions import as_if_published, end_preview, share_preview
from consultations.events import views as event_views
from consultations.events.desk import AboutEvent
from consultations.events.models import Event
from consultations.models import Consultation
from consultations.past import AboutConsultation
from core.dates import today
from core.models import PreviewLink
from core.previews import NoPreview, PreviewOver, address_of, link_named_in


class _Shown:
    """The public page of a record, of one that is not public."""

    kwargs: dict

    def get_queryset(self):
        """The draft alone."""
        return self.model_shown.objects.kept().filter(pk=self.kwargs["link"].record).for_page()

    def get_object(self, queryset=None):
        """The draft."""
        return get_object_or_404(self.get_queryset())

    def get_context_data(self, **kwargs):
        """The page of families, and that it is a preview."""
        return super().get_context_data(preview=self.kwargs["link"], preview_token=self.kwargs["token"], **kwargs)


class ConsultationShown(_Shown, views.Detail):
    """The page of a consultation, as families will see it."""

    model_shown = Consultation

    def get_object(self, queryset=None):
        """The draft, with the dates that publishing it today would give it."""
        consultation = super().get_object(queryset)
        as_if_published(consultation, on=today())
        return consultation


class EventShown(_Shown, event_views.Detail):
    """The page of an event, as families will see it."""

    model_shown = Event


SHOWN = {"consultation": ConsultationShown, "event": EventShown}


def draft_behind(link: PreviewLink):
    """The record that a link shows. Raises PreviewOver when it is no draft any more and has no public page either."""
    record = SHOWN[link.kind].model_shown.objects.kept().filter(pk=link.record).defer("search").first()
    if record is None or (record.published_at and not record.is_published):
        raise PreviewOver
    return record


class Preview(View):
    """What a link to a preview opens: the page of families, a public page, or that the link has ended."""

    def dispatch(self, request, *args, **kwargs):
        """Nobody keeps the page, and no search engine lists it."""
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get(self, request, token):
        """The page."""
        try:
            link = link_named_in(token, timezone.now())
            record = draft_behind(link)
        except NoPreview:
            return render(request, "consultations/preview_over.html", {"never_was": True}, status=404)
        except PreviewOver:
            return render(request, "consultations/preview_over.html", status=410)
        if record.is_published:
            return redirect(record)
        response = SHOWN[link.kind].as_view()(request, link=link, token=token)
        return response.render()


# --- For staff


class _Links:
    """The links to one draft: those that work, a button for another, and a button that ends each."""

    template_name = "consultations/desk/previews.html"
    record: object
    request: object

    @cached_property
    def working(self) -> list[PreviewLink]:
        """The links that open something now."""
        return list(PreviewLink.objects.about(self.record).working(timezone.now()))

    @property
    def may_be_shared(self) -> bool:
        """Whether it is a draft."""
        return self.record.published_at is None

    def post(self, request, *args, **kwargs):
        """Make one, or end one."""
        ended = request.POST.get("end", "")
        try:
            if ended:
                links = PreviewLink.objects.about(self.record)
                link = get_object_or_404(links, pk=int(ended) if ended.isdecimal() and len(ended) < 19 else 0)
                end_preview(link, by=request.user, now=timezone.now())
                messages.success(request, _("The link has ended. It opens nothing any more."))
            else:
                share_preview(self.record, by=request.user, now=timezone.now())
                messages.success(request, _("The link is ready. Copy it and send it to whoever should look."))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return redirect(request.path)

    def get_context_data(self, **kwargs):
        """The links, and who made them."""
        people = get_user_model()._base_manager.in_bulk({each.made_by for each in self.working if each.made_by})
        links = [
            {"link": each, "address": address_of(each), "who": people.get(each.made_by, "")} for each in self.working
        ]
        return super().get_context_data(
            record=self.record,
            links=links,
            may_be_shared=self.may_be_shared,
            back_url=self.back_url,
            **kwargs,
        )


class ConsultationPreviews(_Links, AboutConsultation, TemplateView):
    """The links to the preview of a consultation."""


class EventPreviews(_Links, AboutEvent, TemplateView):
    """The links to the preview of an event."""

    @property
    def record(self) -> Event:
        """The event."""
        return self.event

    @property
    def back_url(self) -> str:
        """The staff page of the event."""
        return reverse("events:desk-event", args=[self.event.slug])
