"""The desk's front page: the one-minute screen, and what waits for the person; and the words of searches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, F, Q, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import TemplateView

from accounts.rules import roles_of, writes_somewhere
from consultations.models import Consultation
from consultations.queues import owner_words
from core import actions
from core.acting import ActingView
from core.dates import short_day_words, today
from core.models import FruitlessSearch, Synonym
from core.numbers import Asking, Number, Urgency, numbers_for
from core.opening import opening
from core.permissions import Permission
from core.queues import Owed, owed_by
from hub import numbers
from hub.forms import NewSynonymForm, SynonymForm
from notices.faults import open_faults

PER_PAGE = 20
FAULTS_SHOWN = 3

# What stands before a title, where it is not an answer.
KINDS = {
    "promise": gettext_lazy("Promise:"),
    "report": gettext_lazy("Report:"),
    "event": gettext_lazy("Event:"),
    "help": gettext_lazy("Help to take part:"),
    "point": gettext_lazy("Families told us:"),
}
COLOURS = {Urgency.TODAY: "stage-late", Urgency.SOON: "stage-closing", Urgency.CALM: ""}


@dataclass(frozen=True)
class Row:
    """One thing owed, as the page shows it."""

    owed: Owed
    colour: str
    words: str

    @property
    def kind(self) -> str:
        """What stands before its title: "Promise:"."""
        return str(KINDS.get(self.owed.kind, ""))

    @classmethod
    def of(cls, owed: Owed, day: date) -> "Row":
        """In the words of the desk: "34 days late", "9 days past 13 November", "due in 12 days"."""
        late = owed.days_late(day)
        if owed.words:
            return cls(owed, "closing" if late else "awaiting", owed.words)
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
        return cls(owed, "closing" if left <= numbers.SOON.days else "awaiting", words)


class OfWhom:
    """A page of the desk that shows everybody's rows to who may see them all, and to others their own."""

    request: object

    def asking(self) -> Asking:
        """Who asks, of whom, and what those people owe."""
        user, day = self.request.user, today()
        may_see_all = user.has_perm(Permission.SEE_ALL_DESKS)
        everyone = may_see_all and self.request.GET.get("show") != "mine"
        return Asking(user, day, everyone, owed_by(user, day, everyone=everyone))

    def shown_to(self, asking: Asking) -> dict:
        """Whose rows the page shows, and whether it could show other people's."""
        return {"everyone": asking.everyone, "may_see_all": asking.user.has_perm(Permission.SEE_ALL_DESKS)}


class FrontPage(OfWhom, TemplateView):
    """The one-minute screen: the numbers, each with its list, and below them what waits for this person, worst first.

    Whoever looks after the hub sees what everybody owes, and can ask for their own.
    """

    permission = Permission.USE_DESK
    template_name = "hub_desk/owe.html"

    def get_context_data(self, **kwargs):
        """The numbers, and a page of what is owed with one button each."""
        asking = self.asking()
        user, day = asking.user, asking.day
        page = Paginator(asking.owed, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            **self.shown_to(asking),
            roles=[
                f"{role.organisation.name} · {role.job_title or role.get_role_display()}" for role in roles_of(user)
            ],
            tiles=[tile(number) for number in numbers_for(asking)],
            page=page,
            rows=[Row.of(each, day) for each in page],
            keeps_hub=user.has_perm(Permission.SEE_MESSAGES),
            **self._faults(user, day),
            may_add=writes_somewhere(user),
            sees_keepers=user.has_perm(Permission.SEE_KEEPERS),
            sets_up=not opening().is_open and user.has_perm(Permission.SET_UP_HUB),
            **kwargs,
        )

    def _faults(self, user, day: date) -> dict:
        """What keeps messages from people, on the first page, for those who can mend it."""
        if not user.has_perm(Permission.SEE_FAULTS) or self.request.GET.get("page", "1") != "1":
            return {}
        broken, more = open_faults(day, FAULTS_SHOWN)
        return {"faults": broken, "more_faults": more}


def tile(number: Number) -> dict:
    """A number as a tile of the page; only one that somebody must act on today is red."""
    return {
        "number": number.figure,
        "text": number.text,
        "about": number.worst,
        "url": number.url,
        "stage": COLOURS[number.urgency],
    }


def words_asked(request) -> list[str]:
    """The words that a list is to be narrowed by."""
    return (request.GET.get("q") or "").replace("\x00", "").lower()[:100].split()


# The lists behind the numbers, by their names in addresses, and what each of them counts.
COUNTS: dict[str, Callable[[Owed, date], bool]] = {
    "late": numbers.is_late_answer,
    "late-reports": numbers.is_late_report,
    "due": numbers.is_due_soon,
    "promises": numbers.is_promise_past,
}


def owed_rows(asking: Asking, name: str, words: list[str]) -> list[Owed]:
    """What the people asked about owe: of one list, or everything, with these words in it, worst first."""
    counts = COUNTS.get(name)
    return [
        owed
        for owed in asking.owed
        if (counts is None or counts(owed, asking.day)) and _says(words, owed.title, owed.organisation, owed.owner)
    ]


class OwedList(OfWhom, TemplateView):
    """The list behind a number of the one-minute screen: exactly the rows that it counts, worst first."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/list.html"
    name = ""
    title = ""
    lead = ""

    def get_context_data(self, **kwargs):
        """A page of them, narrowed by words of the title, the service or the owner."""
        asking, words = self.asking(), words_asked(self.request)
        counted = owed_rows(asking, self.name, [])
        found = owed_rows(asking, self.name, words)
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            **self.shown_to(asking),
            name=self.name,
            title=self.title,
            lead=self.lead,
            words=" ".join(words),
            total=len(counted),
            page=page,
            rows=[Row.of(each, asking.day) for each in page],
            **kwargs,
        )


def _says(words: list[str], *texts: str) -> bool:
    said = " ".join(texts).lower()
    return all(word in said for word in words)


class LateAnswers(OwedList):
    """The answers past their day, the longest first."""

    name = "late"
    title = gettext_lazy("Late answers")
    lead = gettext_lazy("Families were promised these answers by a day that has gone by.")


class LateReports(OwedList):
    """The reports of panels and groups past their day."""

    name = "late-reports"
    title = gettext_lazy("Late reports")
    lead = gettext_lazy("What has no closing date reports to families at least every six months.")


class DueSoon(OwedList):
    """The answers and reports that fall due in four weeks, the soonest first."""

    name = "due"
    title = gettext_lazy("Due in 28 days")
    lead = gettext_lazy("Answers and reports that fall due in the next four weeks.")


class PromisesPast(OwedList):
    """The promises whose day has gone by."""

    name = "promises"
    title = gettext_lazy("Promises past their date")
    lead = gettext_lazy("Families were told a day, and it has gone by. Tell them how far it has got.")


class OnTime(OfWhom, TemplateView):
    """The answers that were due in the last 12 months: those that came too late first, then those in time."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/on_time.html"

    def get_context_data(self, **kwargs):
        """A page of them, each with its day and what became of it."""
        user, day, words = self.request.user, today(), words_asked(self.request)
        everyone = user.has_perm(Permission.SEE_ALL_DESKS) and self.request.GET.get("show") != "mine"
        due = numbers.judged(user, day, everyone=everyone)
        for word in words:
            due = due.filter(Q(title__icontains=word) | Q(organisation__name__icontains=word))
        late_first = (F("responded_on").asc(nulls_first=True), F("first_due_on").asc())
        in_time = Case(When(responded_on__lte=F("first_due_on"), then=True), default=False)
        rows = due.annotate(in_time=in_time).select_related("organisation", "owner__user").defer("search")
        page = Paginator(rows.order_by("in_time", *late_first, "pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            everyone=everyone,
            may_see_all=user.has_perm(Permission.SEE_ALL_DESKS),
            words=" ".join(words),
            page=page,
            rows=[(row, owner_words(row.owner), *_judged_words(row, day)) for row in page],
            **kwargs,
        )


def _judged_words(row: Consultation, day: date) -> tuple[str, str]:
    """The colour and the words of one answer: in time, so many days late, or still owed."""
    late = ((row.responded_on or day) - row.first_due_on).days
    if late <= 0:
        return "responded", _("in time")
    words = ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late}
    return ("late", _("%(days)s, not out yet") % {"days": words}) if row.responded_on is None else ("awaiting", words)


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
