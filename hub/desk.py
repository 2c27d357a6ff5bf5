"""The desk's front page: what the person who signed in owes families, worst first; and the words of searches."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView

from accounts.rules import roles_of, writes_somewhere
from consultations.models import Consultation
from consultations.stages import REPORTS, ReportStage
from core import actions
from core.acting import ActingView
from core.dates import short_day_words, today
from core.models import FruitlessSearch, Synonym
from core.permissions import Permission
from core.queues import Owed, owed_by
from feedback.queues import answers_owing, owned, reports_owing, theirs
from hub.forms import NewSynonymForm, SynonymForm
from notices.faults import open_faults

PER_PAGE = 20
FAULTS_SHOWN = 5
SOON = timedelta(days=28)


@dataclass(frozen=True)
class Row:
    """One thing owed, as the page shows it."""

    owed: Owed
    colour: str
    words: str

    @classmethod
    def of(cls, owed: Owed, day: date) -> "Row":
        """In the words of the desk: "34 days late", "9 days past 13 November", "due in 12 days"."""
        late = owed.days_late(day)
        if owed.due_on is None:
            return cls(owed, "awaiting", _("no date promised"))
        if late and owed.kind == "promise":
            words = ngettext("%(days)d day past %(day)s", "%(days)d days past %(day)s", late)
            return cls(owed, "late", words % {"days": late, "day": short_day_words(owed.due_on, day)})
        if late:
            return cls(owed, "late", ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late})
        left = (owed.due_on - day).days
        if left == 0:
            return cls(owed, "closing", _("due today"))
        words = ngettext("due in %(days)d day", "due in %(days)d days", left) % {"days": left}
        return cls(owed, "closing" if left <= SOON.days else "awaiting", words)


class WhatYouOwe(TemplateView):
    """Answers and reports late or due, and promises: the person's own, or everybody's for who looks after the hub."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/owe.html"

    def get_context_data(self, **kwargs):
        """The tiles, and a page of what is owed with one button each."""
        user, day = self.request.user, today()
        may_see_all = user.has_perm(Permission.SEE_ALL_DESKS)
        everyone = may_see_all and self.request.GET.get("show") != "mine"
        owed = owed_by(user, day, everyone=everyone)
        page = Paginator(owed, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            everyone=everyone,
            may_see_all=may_see_all,
            roles=[
                f"{role.organisation.name} · {role.job_title or role.get_role_display()}" for role in roles_of(user)
            ],
            tiles=tiles(owed, user, day, everyone=everyone),
            page=page,
            rows=[Row.of(each, day) for each in page],
            keeps_hub=user.has_perm(Permission.SEE_MESSAGES),
            **self._faults(user, day),
            may_add=writes_somewhere(user),
            sees_keepers=user.has_perm(Permission.SEE_KEEPERS),
            **kwargs,
        )

    def _faults(self, user, day: date) -> dict:
        """What keeps messages from people, on the first page, for those who can mend it."""
        if not user.has_perm(Permission.SEE_FAULTS) or self.request.GET.get("page", "1") != "1":
            return {}
        broken, more = open_faults(day, FAULTS_SHOWN)
        return {"faults": broken, "more_faults": more}


def tiles(owed: list[Owed], user, day: date, *, everyone: bool) -> list[dict]:
    """The big numbers: late, due soon, on time this year, reports late, promises past their date, families waiting."""
    late = sum(each.kind == "answer" and bool(each.days_late(day)) for each in owed)
    reports = sum(each.kind == "report" and bool(each.days_late(day)) for each in owed)
    soon = sum(each.kind != "promise" and each.due_on is not None and day <= each.due_on <= day + SOON for each in owed)
    past = sum(each.kind == "promise" and bool(each.days_late(day)) for each in owed)
    waiting = families_who_wait(user, day, everyone=everyone)
    shown = [
        {"number": late, "text": ngettext("answer late", "answers late", late), "stage": "stage-late" if late else ""},
        {"number": soon, "text": _("due in 28 days"), "stage": "stage-closing" if soon else ""},
        {
            "number": past,
            "text": ngettext("promise past its date", "promises past their date", past),
            "stage": "stage-late" if past else "",
        },
        {"number": f"{waiting:,}", "text": _("families waiting")},
    ]
    if reports:
        shown.insert(
            2, {"number": reports, "text": ngettext("report late", "reports late", reports), "stage": "stage-late"}
        )
    on_time = on_time_words(user, day, everyone=everyone)
    if on_time:
        shown.insert(2, {"number": on_time, "text": _("on time this year")})
    return shown


def families_who_wait(user, day: date, *, everyone: bool) -> int:
    """How many families wait for an answer that is owed, or for a report that is late."""
    answers = answers_owing(user, day, everyone=everyone)
    reports = reports_owing(user, day, everyone=everyone).filter(REPORTS.within(ReportStage.LATE, day))
    return sum(each.aggregate(families=Sum("took_part"))["families"] or 0 for each in (answers, reports))


def on_time_words(user, day: date, *, everyone: bool) -> str:
    """ "5 of 6": of the answers that were due this year, how many were out by the first date that was published.

    One that is still owed counts as soon as its date has gone by. Empty when none was due yet.
    """
    due = (
        Consultation.objects.published()
        .filter(first_due_on__year=day.year, responded_exactly=True)
        .filter(Q(responded_on__isnull=False) | Q(first_due_on__lt=day, withdrawn_on__isnull=True))
    )
    if not everyone:
        due = due.filter(theirs(user) | owned(user) | owned(user, "deputy"))
    found = due.aggregate(all=Count("pk"), on_time=Count("pk", filter=Q(responded_on__lte=F("first_due_on"))))
    if not found["all"]:
        return ""
    return _("%(on_time)d of %(all)d") % found


# The words of searches


class Synonyms(TemplateView):
    """The groups of words that mean the same, and those that were removed."""

    permission = Permission.EDIT_SEARCH_WORDS
    template_name = "hub_desk/synonyms.html"

    def get_context_data(self, **kwargs):
        """A page of groups; the removed ones stand below the last page."""
        page = Paginator(Synonym.objects.in_use(), PER_PAGE).get_page(self.request.GET.get("page"))
        removed = Synonym.objects.filter(retired_on__isnull=False).order_by("-retired_on", "-pk")[:PER_PAGE]
        return super().get_context_data(page=page, removed=removed, **kwargs)


class AddSynonym(ActingView):
    """Say that words mean the same: a new group, or more words for one that is there."""

    permission = Permission.EDIT_SEARCH_WORDS
    form_class = NewSynonymForm
    template_name = "hub_desk/synonym.html"

    def get_initial(self):
        """A search that found nothing brings its words along."""
        return {"words": self.request.GET.get("words", "").replace("\x00", "")[:60]}

    def act(self, said):
        """Add them."""
        group = said["group"]
        if group:
            actions.change_synonym(group, by=self.request.user, words=[*group.words, *said["words"]])
        else:
            actions.add_synonym(by=self.request.user, words=said["words"])
        messages.success(self.request, _("Searches use these words now."))
        return redirect("synonyms")


class ChangeSynonym(ActingView):
    """Change which words are in a group."""

    permission = Permission.EDIT_SEARCH_WORDS
    form_class = SynonymForm
    template_name = "hub_desk/synonym.html"

    def dispatch(self, request, *args, **kwargs):
        """The group, which is in use."""
        self.group = get_object_or_404(Synonym.objects.in_use(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        """Its words, one on each line."""
        return {"words": "\n".join(self.group.words)}

    def get_context_data(self, **kwargs):
        """The group as well."""
        return super().get_context_data(group=self.group, **kwargs)

    def act(self, said):
        """Change it."""
        actions.change_synonym(self.group, by=self.request.user, words=said["words"])
        messages.success(self.request, _("Searches use these words now."))
        return redirect("synonyms")


class RemoveSynonym(View):
    """Remove a group: one page with one button."""

    permission = Permission.EDIT_SEARCH_WORDS

    def get(self, request, pk):
        """What would happen."""
        group = get_object_or_404(Synonym.objects.in_use(), pk=pk)
        return render(request, "hub_desk/synonym_remove.html", {"group": group})

    def post(self, request, pk):
        """Remove it."""
        group = get_object_or_404(Synonym.objects.in_use(), pk=pk)
        actions.remove_synonym(group, by=request.user, on=today())
        messages.success(request, _("The group is removed. You can bring it back below."))
        return redirect("synonyms")


class RestoreSynonym(View):
    """Bring a removed group back."""

    permission = Permission.EDIT_SEARCH_WORDS
    http_method_names = ["post"]

    def post(self, request, pk):
        """Bring it back, or say which of its words is in another group."""
        group = get_object_or_404(Synonym, pk=pk)
        try:
            actions.restore_synonym(group, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Searches use these words again."))
        return redirect("synonyms")


class FruitlessSearches(TemplateView):
    """What families searched for and did not find, with a way to say what it means."""

    permission = Permission.EDIT_SEARCH_WORDS
    template_name = "hub_desk/fruitless.html"

    def get_context_data(self, **kwargs):
        """The most asked first."""
        page = Paginator(FruitlessSearch.objects.shown(), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, add_url=reverse("synonym-add"), **kwargs)


class ForgetSearch(View):
    """Take a search that found nothing off the list: a name somebody typed, or what has been seen to."""

    permission = Permission.EDIT_SEARCH_WORDS
    http_method_names = ["post"]

    def post(self, request, pk):
        """Forget it."""
        actions.forget_search(get_object_or_404(FruitlessSearch, pk=pk), by=request.user)
        messages.success(request, _("It is forgotten."))
        return redirect("fruitless")
