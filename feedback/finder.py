""" "You said, we did": what somebody asked the log for in the address, in words, as conditions, counts and pages."""

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, ExtractYear, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.finder import vocabularies
from core.finding import LAST_PAGE, PER_PAGE, Counted, Term, year_of, years_in
from feedback.models import AnswerState, FeedbackEntry

TITLES = {
    "topic": gettext_lazy("About"),
    "organisation": gettext_lazy("Who answered"),
    "answer": gettext_lazy("What the answer was"),
    "year": gettext_lazy("Year"),
}
OPEN_AT_FIRST = ("topic", "answer")
# Numbered pages cannot show more than this many, and counting stops just above it.
MOST = PER_PAGE * LAST_PAGE
_YEAR = ExtractYear(Coalesce("heard_on", TruncDate("published_at")))


class Log(Counted):
    """What somebody asked the log for, read from the address."""

    name = "feedback"
    titles = TITLES
    open_at_first = OPEN_AT_FIRST

    def term(self, name: str, value: str) -> Term | None:
        """The value as staff named it; an answer and a year name themselves."""
        if name == "answer":
            return Term(value, str(AnswerState(value).label), "") if value in AnswerState.values else None
        return year_of(value) if name == "year" else vocabularies()[name].get(value)

    def terms(self, name: str) -> list[Term]:
        """Answers and years, or what staff keep in lists."""
        if name == "answer":
            return [Term(state.value, str(state.label), "") for state in AnswerState]
        if name == "year":
            return years_in(self.counts.by["year"], self.chosen["year"])
        return list(vocabularies()[name].values())

    def everything(self):
        """The published entries."""
        return FeedbackEntry.objects.published()

    def condition(self, name: str) -> Q:
        """The chosen values of a facet as conditions."""
        terms = self.chosen[name]
        ids = [pk for term in terms for pk in term.ids]
        if name == "topic":
            through = FeedbackEntry.topics.through.objects
            return Q(Exists(through.filter(feedbackentry_id=OuterRef("pk"), topic_id__in=ids)))
        if name == "organisation":
            return Q(organisation_id__in=ids)
        if name == "answer":
            return Q(answer__in=[term.value for term in terms])
        years = Q(pk__in=[])
        for year in ids:
            years |= Q(heard_on__year=year) | Q(heard_on__isnull=True, published_at__year=year)
        return years

    def key(self, name: str):
        """What holds the value of a facet."""
        return {"topic": F("topics"), "organisation": F("organisation_id"), "answer": F("answer"), "year": _YEAR}[name]

    def shown(self, rows):
        """With what an entry shows."""
        return rows.for_log()

    # Words

    @property
    def sentence(self) -> str:
        """What the list shows, in words."""
        count = self.counts.total
        if count > MOST:
            return _("More than %(most)s things that families said, newest first.") % {"most": f"{MOST:,}"}
        words = ngettext(
            "%(count)s thing that families said.", "%(count)s things that families said, newest first.", count
        )
        return words % {"count": f"{count:,}"}
