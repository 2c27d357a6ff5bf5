"""What parents say of a promise that its service calls done, and what a forum may want to look at."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from core.constraints import needs, not_blank
from core.history import tracked
from feedback.models import FeedbackEntry

# So many months after something was done, parents may be asked whether it still is.
MONTHS = (3, 6, 12)
# A check is a few sentences, not a report.
LONGEST = 1000


class Months(models.IntegerChoices):
    """How long after it was done parents were asked."""

    THREE = 3, _("3 months on")
    SIX = 6, _("6 months on")
    TWELVE = 12, _("12 months on")


class Verdict(models.TextChoices):
    """What parents say of a promise that is called done."""

    YES = "yes", _("Yes, it happened")
    PARTLY = "partly", _("Some of it happened")
    NO = "no", _("No, it did not happen")


class WordsState(models.TextChoices):
    """How far the words of a check have got. Nothing is public before a person has read it (DESIGN rule 13)."""

    NONE = "", _("No words")
    WAITING = "waiting", _("Waiting to be read")
    SHOWN = "shown", _("Shown to families")
    LEFT_OUT = "left_out", _("Not shown")


TOLD = ~Q(verdict="")
# A forum's check names its forum; a parent who was asked by a link is on their own.
OF_A_FORUM = Q(forum__isnull=False)


class ParentCheckQuerySet(models.QuerySet):
    """Reads of what parents say."""

    def told(self):
        """Those that say something: the only ones that families see."""
        return self.filter(TOLD)

    def chosen(self):
        """What a forum has chosen to look at and has not told of yet."""
        return self.filter(OF_A_FORUM, verdict="")

    def invited(self):
        """Parents who were asked by a link and have not said anything yet."""
        return self.filter(forum=None, verdict="")

    def disputed(self):
        """Those by which parents say no, and the service has told families nothing newer of the promise."""
        nothing_newer = Q(entry__updated_on=None) | Q(entry__updated_on__lte=models.F("told_on"))
        return self.filter(nothing_newer, verdict=Verdict.NO, entry__archived_at=None)

    def words_to_read(self):
        """Those whose words wait for a person to read them, the longest waiting first."""
        return self.filter(words_state=WordsState.WAITING).order_by("sent_at", "pk")


# Its words and who was asked are in no history: they go when their time is over, or at once (DESIGN rule 15).
@tracked(name="ParentCheckHistory", exclude=("words", "email", "recipient_hash"))
class ParentCheck(models.Model):
    """One look at one promise that is called done, 3, 6 or 12 months on: by a forum, or by one parent who was asked.

    It may be a no. `asked` and `agreed` count the parents whom a forum asked;
    families never read a number from 1 to 4 (DESIGN rule 9). Without a verdict
    it is only chosen, or somebody is only asked, and families read nothing.
    """

    entry = models.ForeignKey(FeedbackEntry, on_delete=models.CASCADE, related_name="+")
    months = models.PositiveSmallIntegerField(choices=Months)
    forum = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chosen_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    chosen_on = models.DateField()
    look_by = models.DateField(null=True, blank=True, help_text=_("The day by which the forum means to look."))
    by_service = models.BooleanField(_("the service chose whom to ask"), default=False)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    recipient_hash = models.CharField(max_length=64, blank=True, editable=False)

    verdict = models.CharField(_("what parents say"), max_length=8, choices=Verdict, blank=True)
    asked = models.PositiveIntegerField(_("how many parents you asked"), null=True, blank=True)
    agreed = models.PositiveIntegerField(_("how many of them say that it happened"), null=True, blank=True)
    told_on = models.DateField(_("when you asked them"), null=True, blank=True)
    words = models.TextField(_("in their words"), blank=True, max_length=LONGEST)
    words_state = models.CharField(max_length=8, choices=WordsState, blank=True, default=WordsState.NONE)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    why_left_out = models.CharField(_("why it is not shown"), max_length=200, blank=True)

    objects = ParentCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-chosen_on", "-pk"]
        indexes = [
            models.Index("entry", "months", name="parent_check_told", condition=TOLD),
            models.Index("look_by", name="parent_check_chosen", condition=OF_A_FORUM & Q(verdict="")),
            models.Index("sent_at", "id", name="parent_check_words", condition=Q(words_state=WordsState.WAITING)),
            models.Index("chosen_on", name="parent_check_invited", condition=~Q(email="")),
        ]
        constraints = [
            models.UniqueConstraint(
                "entry", "months", "forum", condition=OF_A_FORUM, name="parent_check_once_for_a_forum"
            ),
            models.UniqueConstraint(
                "entry",
                "months",
                "recipient_hash",
                condition=~Q(recipient_hash=""),
                name="parent_check_once_for_a_parent",
            ),
            needs(
                TOLD,
                Q(told_on__isnull=False),
                name="parent_check_told_on_a_day",
                message=_("Say when you asked them"),
            ),
            needs(
                Q(verdict=""),
                Q(asked=None, agreed=None, told_on=None, words=""),
                name="parent_check_says_nothing_yet",
                message=_("Choose what parents say"),
            ),
            needs(
                TOLD & OF_A_FORUM,
                Q(asked__isnull=False, asked__gte=1, agreed__isnull=False),
                name="parent_check_of_a_forum_has_counts",
                message=_("Enter how many parents you asked, and how many of them say that it happened"),
            ),
            needs(
                Q(agreed__isnull=False),
                Q(asked__isnull=False, asked__gte=models.F("agreed")),
                name="parent_check_agreed_are_among_asked",
                message=_("No more can agree than you asked"),
            ),
            needs(
                Q(words_state__in=[WordsState.WAITING, WordsState.SHOWN]),
                not_blank("words") & TOLD,
                name="parent_check_words_are_there",
                message=_("Write what parents may read"),
            ),
            needs(
                Q(words_state=WordsState.WAITING),
                Q(sent_at__isnull=False),
                name="parent_check_words_wait_since",
                message=_("Say since when it waits"),
            ),
            needs(
                Q(words_state=WordsState.LEFT_OUT),
                Q(words="") & not_blank("why_left_out"),
                name="parent_check_left_out_says_why",
                message=_("Say why it is not shown"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}, {self.get_months_display()}"

    @property
    def title(self) -> str:
        """The promise that it is about."""
        return self.entry.theme or self.entry.you_said

    @property
    def organisation(self) -> Organisation:
        """The service whose promise it is."""
        return self.entry.organisation

    @property
    def sent_by(self):
        """Who sent its words: nobody that staff know, where a parent did."""
        return self.chosen_by.user if self.forum_id and self.chosen_by else None


class Suggestion(models.Model):
    """A promise that the hub suggests to a forum in one quarter. The forum chooses; nothing happens if it does not."""

    forum = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    entry = models.ForeignKey(FeedbackEntry, on_delete=models.CASCADE, related_name="+")
    months = models.PositiveSmallIntegerField(choices=Months)
    quarter = models.DateField(help_text=_("Its first day."))
    place = models.PositiveSmallIntegerField()
    suggested_on = models.DateField()

    class Meta:
        ordering = ["-quarter", "place"]
        constraints = [
            models.UniqueConstraint("forum", "quarter", "place", name="suggestion_place_once"),
            models.UniqueConstraint("forum", "entry", "months", name="suggestion_once"),
            # At most five a quarter: a forum has families to look after.
            needs(Q(), Q(place__gte=1, place__lte=5), name="suggestion_among_five", message=_("At most five")),
        ]

    def __str__(self) -> str:
        return f"{self.forum_id}, {self.quarter}: {self.entry_id}"


class Happened(models.Model):
    """How many people said that a promise happened, did not, or that they cannot tell. Nobody's own answer."""

    entry = models.OneToOneField(FeedbackEntry, on_delete=models.CASCADE, related_name="+")
    yes = models.PositiveIntegerField(default=0)
    no = models.PositiveIntegerField(default=0)
    unsure = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "happened"

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.yes}, {self.no}, {self.unsure}"
