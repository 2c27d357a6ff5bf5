"""The standard as everybody reads it: what good looks like, on one page, in short, and to fill in on paper."""

from functools import cached_property

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from accounts.models import OrganisationKind
from core.dates import today
from standards.listing import Profile
from standards.models import Adoption, Level, Part, Rating, SelfCheck, Standard
from standards.stages import ADOPTIONS, COLOURS, AdoptionStage

PER_PAGE = 20

# What each level means, in one sentence.
MEANS = (
    (Level.EMERGING, _("The basics are in place, so parents and carers can have a say.")),
    (Level.ESTABLISHED, _("Involving parents and carers is a normal part of how we work.")),
    (Level.ADVANCED, _("Parents and carers share decisions with us, and together we can show what changed.")),
)


# What a service can say of itself on paper. What parents say is asked of them.
PAPER = (Rating.NOT_YET, Rating.STARTED, Rating.IN_PLACE, Rating.NOT_APPLICABLE)


class AboutStandard(TemplateView):
    """A page about the version that counts now."""

    def get_context_data(self, **kwargs):
        """The standard with everything in it."""
        standard = Standard.objects.newest()
        if standard is None:
            raise Http404
        return super().get_context_data(standard=standard, levels=MEANS, **kwargs)


class Whole(AboutStandard):
    """All seven strands and their statements, by strand or by the parts of a whole system."""

    template_name = "standards/standard.html"

    def get_context_data(self, **kwargs):
        """The strands, in one order or the other."""
        context = super().get_context_data(**kwargs)
        strands = list(context["standard"].strands.all())
        by_part = self.request.GET.get("by") == "part"
        if by_part:
            groups = [
                {"key": part.value, "title": part.label, "strands": [each for each in strands if part in each.parts]}
                for part in Part
            ]
        else:
            groups = [{"key": "", "title": "", "strands": strands}]
        return context | {"groups": groups, "by_part": by_part}


class Summary(AboutStandard):
    """One page for a team meeting: what each strand asks for first."""

    template_name = "standards/summary.html"

    def get_context_data(self, **kwargs):
        """A row for each strand, with what each level asks for."""
        context = super().get_context_data(**kwargs)
        rows = []
        for strand in context["standard"].strands.all():
            by_level: dict[str, list[str]] = {level.value: [] for level in Level}
            for indicator in strand.indicators.all():
                by_level[indicator.level].append(indicator.statement)
            cells = [{"label": level.label, "statements": by_level[level.value]} for level in Level]
            rows.append({"strand": strand, "cells": cells})
        return context | {"rows": rows}


class Blank(AboutStandard):
    """The whole standard with room to write, for those who check themselves on paper."""

    template_name = "standards/blank.html"
    extra_context = {"ratings": [each.label for each in PAPER]}


# --- The register


class Register(TemplateView):
    """Everybody who adopted the standard, narrowed by what the visitor asks for."""

    template_name = "standards/register.html"

    def get_context_data(self, **kwargs):
        """A page of them, each with its state today."""
        get, day = self.request.GET, today()
        state = get.get("state") if get.get("state") in AdoptionStage.values else ""
        kind = get.get("kind") if get.get("kind") in OrganisationKind.values else ""
        words = get.get("q", "").strip()[:100]
        rows = Adoption.objects.for_register()
        if state:
            rows = rows.filter(ADOPTIONS.within(state, day))
        if kind:
            rows = rows.filter(organisation__kind=kind)
        if words:
            rows = rows.filter(organisation__name__icontains=words)
        page = Paginator(rows, PER_PAGE).get_page(get.get("page"))
        return super().get_context_data(
            page=page,
            rows=[{"adoption": each, "colour": COLOURS[each.stage]} for each in page],
            states=AdoptionStage.choices,
            kinds=OrganisationKind.choices,
            state=state,
            kind=kind,
            words=words,
            is_narrowed=bool(state or kind or words),
            **kwargs,
        )


class OfOrganisation:
    """Something about the newest pledge of one organisation."""

    kwargs: dict

    @cached_property
    def adoption(self) -> Adoption:
        """The pledge that stands, or the last one that ended."""
        rows = Adoption.objects.select_related("organisation").filter(organisation__slug=self.kwargs["slug"])
        return get_object_or_404(rows.order_by("-adopted_on", "-pk")[:1])

    @cached_property
    def newest(self) -> SelfCheck | None:
        """Its newest published check."""
        check = SelfCheck.objects.published().filter(adoption=self.adoption).first()
        if check is not None:
            check.adoption = self.adoption
        return check


class Pledge(OfOrganisation, TemplateView):
    """What one organisation pledged, and what its checks say."""

    template_name = "standards/organisation.html"

    def get_context_data(self, **kwargs):
        """The newest check in full, and the earlier ones on the day they were published."""
        day = today()
        profile = Profile(self.newest, day) if self.newest else None
        earlier = []
        for check in SelfCheck.objects.published().filter(adoption=self.adoption)[1:4]:
            check.adoption = self.adoption
            earlier.append(Profile(check, check.published_on))
        return super().get_context_data(
            adoption=self.adoption,
            colour=COLOURS[self.adoption.stage],
            profile=profile,
            earlier=earlier,
            planned=list(self.adoption.plan.in_order()[:PER_PAGE]),
            today=day,
            **kwargs,
        )


class Badge(OfOrganisation, View):
    """A small picture for an organisation's own pages. It says by itself when it has lapsed."""

    def get(self, request, *args, **kwargs):
        """The state and the level, and until when they hold."""
        profile = Profile(self.newest, today()) if self.newest else None
        context = {"adoption": self.adoption, "profile": profile}
        answer = HttpResponse(render_to_string("standards/badge.svg", context), content_type="image/svg+xml")
        answer["Cache-Control"] = "public, max-age=3600"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
