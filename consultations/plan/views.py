"""The pages of the plan that families read: an umbrella plan, and how much is asked of whom."""

from datetime import date

from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView

from consultations.events.models import Event
from consultations.events.panels import entries_of
from consultations.listing import Entry, cards
from consultations.models import Consultation
from consultations.plan.desk import load_of
from consultations.plan.models import Umbrella
from core.dates import day_words, today


class OneUmbrella(DetailView):
    """One plan: what it is about, its published consultations, and all their dates in one list."""

    template_name = "plan/umbrella.html"
    context_object_name = "umbrella"

    def get_queryset(self):
        """Published ones."""
        return Umbrella.objects.published().select_related("organisation")

    def get_context_data(self, **kwargs):
        """Its consultations as cards, and one timeline."""
        day = today()
        belong = Consultation.objects.published().filter(
            pk__in=Umbrella.consultations.through.objects.filter(umbrella=self.object).values("consultation")
        )
        listed = cards(belong.for_cards().order_by("opens_on", "title", "pk"), day)
        return super().get_context_data(
            cards=listed, timeline=one_timeline([card.consultation for card in listed], day), **kwargs
        )


def one_timeline(consultations: list[Consultation], day: date) -> list[Entry]:
    """When each of these opens, closes and is answered, and the dates of their events, in one list."""
    entries = []
    for each in consultations:
        for on, ahead, over in (
            (each.opens_on, _("opens"), _("opened")),
            (each.closes_on, _("last day to take part"), _("closed")),
            (None if each.responded_on else each.response_due_on, _("the answer is due"), _("the answer was due")),
            (each.responded_on, _("the answer comes out"), _("the answer came out")),
            (each.withdrawn_on, _("is stopped"), _("was stopped")),
        ):
            if on:
                entries.append(
                    Entry(
                        on=on,
                        day_words=day_words(on, day),
                        title=each.title,
                        url=each.get_absolute_url(),
                        words=(ahead if on >= day else over).capitalize(),
                        is_ahead=on >= day,
                    )
                )
    linked = Event.consultations.through.objects.filter(consultation__in=consultations)
    ids = list(linked.order_by("event").values_list("event", flat=True).distinct())
    return sorted([*entries, *entries_of(ids, day)], key=lambda each: (each.on, each.title, each.words))


class WhatIsAsked(TemplateView):
    """How much families are asked in the coming months, by group and area: what is published."""

    template_name = "plan/asked.html"

    def get_context_data(self, **kwargs):
        """The table, and the busiest in sentences."""
        return super().get_context_data(**load_of(self.request.GET, public=True), **kwargs)
