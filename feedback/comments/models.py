"""What families told us and what became of it, who reads it, and who helps with the support of one child."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from consultations.events.models import Event
from consultations.models import Consultation
from core.constraints import needs, not_blank
from core.history import tracked
from feedback.models import FeedbackEntry, HeardFrom, LeftOut, LocalOfferPart

# No vowels and no letter that looks like a figure: nobody reads a word, or somebody's name, out of it.
_LETTERS = "BCDFGHJKMNPQRTVWXYZ2346789"
# So long a text is a letter. Whoever has more to say rings, or writes it on paper.
LONGEST = 4000


def new_reference() -> str:
    """What somebody is told to name when they ask about it: chance, and nothing else."""
    letters = [secrets.choice(_LETTERS) for _place in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


class Who(models.TextChoices):
    """Who tells us something."""

    PARENT = "parent", _("A parent or carer")
    YOUNG = "young", _("A young person")
    PRACTITIONER = "practitioner", _("Somebody who works with families")
    OTHER = "other", _("Somebody else")


class About(models.TextChoices):
    """What they want to talk about."""

    SERVICE = "service", _("A service or organisation")
    LOCAL_OFFER = "local_offer", _("The local offer: what help there is for children with special needs")
    EXPERIENCE = "experience", _("Something that happened to us")


class Kind(models.TextChoices):
    """What they say of it."""

    WELL = "well", _("Something works well")
    BETTER = "better", _("Something needs to be better")
    MISSING = "missing", _("Something is missing")


class Suspicion(models.TextChoices):
    """Why something may not come from a person who means it. It waits folded up, and a person decides."""

    TRAP = "trap", _("It filled in a box that people do not see")
    QUICK = "quick", _("It was sent faster than anybody types")
    LINKS = "links", _("It is full of links")
    CODE = "code", _("It holds pieces of a program")
    HIDDEN = "hidden", _("It held characters that nobody sees")
    SAME = "same", _("The same words came before")
    PLACE = "place", _("Many came from one place in an hour")
    FLOOD = "flood", _("Very many came in one hour")


class Outcome(models.TextChoices):
    """What became of it, once a person has decided."""

    PASSED_ON = "passed_on", _("Passed on to the service, which owes an answer")
    MERGED = "merged", _("Added to a point that others made before")
    REFERRED = "referred", _("Referred, because somebody may not be safe")
    HELPED = "helped", _("About the support of one person: pointed to help")
    NOT_OURS = "not_ours", _("Not about anything that the services here can answer")
    LEFT_OUT = "left_out", _("Cannot be published")
    PROGRAM = "program", _("Not sent by a person")


WAITING = Q(outcome="")


class CommentQuerySet(models.QuerySet):
    """Reads of what families told us."""

    def waiting(self):
        """What nobody has decided about yet."""
        return self.filter(WAITING)

    def to_read(self):
        """What waits in plain sight, the oldest first."""
        return self.waiting().filter(suspicion="").order_by("received_at", "pk")

    def folded(self):
        """What waits folded up, because it looks as if no person had sent it; the newest first."""
        return self.waiting().exclude(suspicion="").order_by("-received_at", "-pk")

    def of_local_offer(self):
        """Comments on the local offer (SEND Regulations 2014, regulation 56)."""
        return self.filter(part__in=(LocalOfferPart.CONTENT, LocalOfferPart.ACCESS, LocalOfferPart.MADE))


# Its own words, and who wrote them, are in no history: they go when their time is over, or at once (DESIGN rule 15).
@tracked(name="CommentHistory", exclude=("text", "name", "email", "recipient_hash"))
class Comment(models.Model):
    """One thing that somebody told the hub, or that staff heard, and what became of it.

    It is never public. What passes becomes a `FeedbackEntry` in words that a
    person has checked. `text`, `name` and `email` are as typed, for those who
    check, until the day they go; a safety concern loses them at once, and only
    that it was referred, when and to whom is kept.
    """

    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    received_at = models.DateTimeField()
    entered_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(_("who told us"), max_length=12, choices=Who, blank=True)
    about = models.CharField(_("what it is about"), max_length=12, choices=About)
    kind = models.CharField(_("what kind of thing it is"), max_length=8, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("service")
    )
    part = models.CharField(_("which part of the local offer"), max_length=10, choices=LocalOfferPart, blank=True)
    text = models.TextField(_("what they said"), blank=True, max_length=LONGEST)
    name = models.CharField(_("name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    recipient_hash = models.CharField(max_length=64, blank=True, editable=False)

    heard_from = models.CharField(max_length=20, choices=HeardFrom, default=HeardFrom.COMMENT)
    heard_on = models.DateField(_("when they said it"))
    people = models.PositiveIntegerField(_("how many people said it"), default=1)
    consultation = models.ForeignKey(Consultation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # The promise whose page asked whether it happened.
    of_entry = models.ForeignKey(FeedbackEntry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    suspicion = models.CharField(max_length=8, choices=Suspicion, blank=True)

    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    left_out = models.CharField(_("why it cannot be published"), max_length=12, choices=LeftOut, blank=True)
    entry = models.ForeignKey(FeedbackEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    referred_to = models.CharField(_("who it was referred to"), max_length=200, blank=True)
    help_from = models.ManyToManyField("feedback.HelpRoute", blank=True, related_name="+")
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index("received_at", "id", name="comment_waiting", condition=WAITING),
            models.Index("decided_on", name="comment_kept", condition=Q(erased_at=None) & ~WAITING),
            models.Index("heard_on", name="comment_of_local_offer", condition=~Q(part="")),
        ]
        constraints = [
            needs(WAITING, not_blank("text"), name="comment_says_something", message=_("Write what you want to say")),
            needs(
                WAITING,
                Q(decided_on=None, entry=None, left_out="", referred_to="", erased_at=None),
                name="comment_waiting_is_not_decided",
                message=_("Nobody has decided about it yet"),
            ),
            needs(
                ~WAITING,
                Q(decided_on__isnull=False),
                name="comment_decided_on_a_day",
                message=_("Say when it was decided"),
            ),
            needs(
                Q(outcome__in=[Outcome.PASSED_ON, Outcome.MERGED]),
                Q(entry__isnull=False),
                name="comment_passed_on_has_an_entry",
                message=_("Say which point it became"),
            ),
            needs(
                Q(outcome=Outcome.REFERRED),
                Q(text="", name="", email="", recipient_hash="") & not_blank("referred_to"),
                name="comment_referred_keeps_no_words",
                message=_("Say who it was referred to. Its words are not kept"),
            ),
            needs(
                Q(outcome=Outcome.LEFT_OUT),
                ~Q(left_out=""),
                name="comment_left_out_has_a_reason",
                message=_("Choose the reason"),
            ),
            needs(
                Q(erased_at__isnull=False),
                Q(text="", name="", email="", recipient_hash=""),
                name="comment_erased_has_no_words",
                message=_("What was erased keeps no words"),
            ),
            needs(Q(), Q(people__gte=1), name="comment_has_somebody", message=_("Enter 1 or more")),
        ]

    def __str__(self) -> str:
        return self.reference


class CheckerQuerySet(models.QuerySet):
    """Reads of who reads."""

    def active(self):
        """Those who still work here."""
        return self.filter(membership__ended_on__isnull=True, membership__user__is_active=True)


@tracked(name="CheckerHistory")
class Checker(models.Model):
    """Somebody of the Family Information Service who has promised to read what families tell us, since a day.

    Without one the form is off. Everybody there may read; these are told when
    nobody has.
    """

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()

    objects = CheckerQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return str(self.membership)


class Reading(models.Model):
    """A day on which somebody of the Family Information Service read what had come in, if anything had."""

    day = models.DateField(unique=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class HelpRouteQuerySet(models.QuerySet):
    """Reads of who helps."""

    def in_use(self):
        """Those that families are shown."""
        return self.filter(retired_on=None)


@tracked(name="HelpRouteHistory", exclude=("phone", "email"))
class HelpRoute(models.Model):
    """Somebody who can sort out the support of one child, or a complaint about it: the council's own routes."""

    key = models.SlugField(max_length=40, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    what_for = models.TextField(_("what they help with"), max_length=300)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    url = models.URLField(_("website"), max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=10)
    retired_on = models.DateField(null=True, blank=True, editable=False)

    objects = HelpRouteQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.UniqueConstraint("key", condition=~Q(key=""), name="help_route_key_once"),
            needs(
                Q(),
                not_blank("name") & not_blank("what_for"),
                name="help_route_says_what_for",
                message=_("Say who they are and what they help with"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
