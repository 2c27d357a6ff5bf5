"""The standard as everybody reads it: what good looks like, on one page, in short, and to fill in on paper."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from standards.models import Level, Part, Rating, Standard

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
