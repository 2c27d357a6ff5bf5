"""The ledger: every message owed and sent, the mails they travelled in, and what went wrong."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.constraints import needs, not_blank
from core.history import tracked

# How long a sender may hold a mail before another one may take it over.
LEASE = timedelta(minutes=15)
# A mail that keeps being refused stops after this many tries, which takes four days.
TRIES = 10


class Recipient(models.TextChoices):
    """Why it is this person who is told."""

    OWNER = "owner", _("Owner")
    TEAM = "team", _("Team mailbox")
    DEPUTY = "deputy", _("Deputy")
    LEAD = "lead", _("Lead of the organisation")
    FIS = "fis", _("Family Information Service")
    SPONSOR = "sponsor", _("Sponsor of the hub")
    FOLLOWER = "follower", _("Somebody who follows it")


# Whom a reminder may tell. The team mailbox is not among them: it stands in for an owner who is missing.
TOLD = [each for each in Recipient.choices if each[0] not in (Recipient.TEAM, Recipient.FOLLOWER)]
# Who may stand in, and the order that a new step starts with.
STAND_INS = [each for each in Recipient.choices if each[0] not in (Recipient.OWNER, Recipient.FOLLOWER)]


def usual_chain() -> list[str]:
    """Who stands in when nobody else is there to tell: the nearest to the duty first."""
    return [each for each, _label in STAND_INS]


@tracked(name="StepHistory")
class Step(models.Model):
    """When one reminder of a reason is owed, and to whom: so many days after a date of the thing.

    A step holds from its day until a later step of its reason begins; one that
    repeats is owed again every so many days until then. `recipients` are told.
    When the owner is among them and missing, or none of them is there, the
    first of `chain` who is there stands in. Changing the timing retires the
    row and adds one with the same `key`, so nothing that was sent is owed again.
    """

    reason = models.SlugField(max_length=40)
    key = models.SlugField(max_length=40)
    anchor = models.CharField(_("counted from"), max_length=40, help_text=_("The name of a date of the thing."))
    offset_days = models.SmallIntegerField(_("days after that date"), help_text=_("Negative: days before it."))
    repeat_every_days = models.PositiveSmallIntegerField(_("again every so many days"), null=True, blank=True)
    recipients = ArrayField(
        models.CharField(max_length=10, choices=[*TOLD, (Recipient.FOLLOWER.value, Recipient.FOLLOWER.label)]),
        verbose_name=_("who is told"),
    )
    chain = ArrayField(
        models.CharField(max_length=10, choices=STAND_INS),
        verbose_name=_("who stands in, in this order"),
        default=usual_chain,
        blank=True,
    )
    urgent = models.BooleanField(_("goes out in a mail of its own"), default=False)
    text = models.CharField(_("what we ask for"), max_length=300)
    valid_from = models.DateField(
        null=True, blank=True, help_text=_("Only reminders that fall on this day or later. Empty: always.")
    )
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["reason", "pk"]
        constraints = [
            models.UniqueConstraint("reason", "key", condition=Q(retired_on__isnull=True), name="step_once"),
            models.CheckConstraint(
                condition=~Q(recipients=[]),
                name="step_has_recipients",
                violation_error_message=_("Choose who is told"),
            ),
            models.CheckConstraint(
                condition=Q(repeat_every_days__isnull=True) | Q(repeat_every_days__gt=0),
                name="step_repeats_after_some_days",
                violation_error_message=_("Enter 1 day or more"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.key}"

    def is_in_force(self, day: date) -> bool:
        """Whether it counts on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.retired_on is None or self.retired_on > day)

    def is_to_come(self, day: date) -> bool:
        """Whether it counts from a later day on."""
        return self.valid_from is not None and self.valid_from > day and self.retired_on is None


# Still to be sent, once: the querysets and the partial indexes are made from these.
WAITING = Q(sent_at__isnull=True, dropped_at__isnull=True)
MAIL_WAITING = Q(sent_at__isnull=True, dropped_at__isnull=True, given_up_at__isnull=True)
# Not forgotten yet (notices/retention.py).
MAIL_SAYS_SOMETHING = ~Q(address="", subject="", text="", html="")


class MailQuerySet(models.QuerySet):
    """Reads of mails, and the claim of those that a sender takes."""

    def waiting(self):
        """Mails that are still to be sent."""
        return self.filter(MAIL_WAITING)

    def free(self, *, day, now: datetime, resting=()):
        """Waiting mails that nobody holds, whose next try has come, to people who had no other mail that day.

        None that carries a notice of a reason in `resting`.
        """
        of_the_day = Mail.objects.filter(
            recipient_hash=OuterRef("recipient_hash"), day=day, urgent=False, dropped_at__isnull=True
        )
        had_one = of_the_day.exclude(pk=OuterRef("pk"))
        held_back = Notice.objects.waiting().filter(mail=OuterRef("pk"), reason__in=resting, hurried_at__isnull=True)
        return (
            self.waiting()
            .filter(~Exists(held_back))
            .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now))
            .filter(Q(try_after__isnull=True) | Q(try_after__lte=now))
            .filter(Q(urgent=True) | ~Exists(had_one))
        )

    def growing(self):
        """Mails that may still be added to: nobody has tried to send them, and no sender has claimed them."""
        return self.waiting().filter(attempts=0, claimed_until__isnull=True)

    def claim(self, *, day, now: datetime, limit: int, resting=()) -> list["Mail"]:
        """Take up to `limit` free mails; nobody else gets them until the lease runs out. Wants a transaction.

        A claim is no try: a sender that is killed costs the mails that it had not come to nothing but time.
        """
        taken = list(
            self.free(day=day, now=now, resting=resting)
            .order_by("-urgent", "made_at")
            .select_for_update(skip_locked=True)[:limit]
        )
        lease = now + LEASE
        self.filter(pk__in=[mail.pk for mail in taken]).update(claimed_until=lease, day=day)
        for mail in taken:
            mail.claimed_until, mail.day = lease, day
        return taken

    def held(self, lease: datetime):
        """Mails that whoever claimed them up to this moment still holds: nobody has taken them over."""
        return self.waiting().filter(claimed_until=lease)


class Mail(models.Model):
    """One message to one person on one day, with everything they owe.

    Its `Message-ID` is made of the row's id: whoever sends it, and however
    often, says the same one. A try counts from the moment it begins, so that a
    mail that kills its sender stops at the limit too. Once one was made nothing
    is added to it. What it says is kept for the desk: it names no family and no
    reader, and its links lead nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient_hash = models.CharField(max_length=64)
    address = models.EmailField(blank=True)
    day = models.DateField(help_text=_("The day it goes out."))
    urgent = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(
        max_length=80, blank=True, help_text=_("What kind of fault the last try met, or why it came back.")
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True, help_text=_("When we learned that it came back."))
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    reader: Any = None  # who reads at the address, once notices.readers was asked

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                "recipient_hash",
                "day",
                condition=Q(urgent=False, dropped_at__isnull=True),
                name="mail_one_a_person_a_day",
            ),
            models.UniqueConstraint("recipient_hash", "urgent", condition=MAIL_WAITING, name="mail_one_under_way"),
            models.CheckConstraint(
                condition=MAIL_WAITING
                | Q(sent_at__isnull=False, dropped_at__isnull=True, given_up_at__isnull=True)
                | Q(sent_at__isnull=True, dropped_at__isnull=False, given_up_at__isnull=True)
                | Q(sent_at__isnull=True, dropped_at__isnull=True, given_up_at__isnull=False),
                name="mail_ends_once",
            ),
            needs(
                Q(bounced_at__isnull=False),
                ~MAIL_WAITING,
                name="mail_bounced_waits_no_more",
                message=_("A mail that came back is not sent again"),
            ),
        ]
        indexes = [
            models.Index("made_at", name="mail_waiting", condition=MAIL_WAITING),
            models.Index("made_at", name="mail_to_forget", condition=MAIL_SAYS_SOMETHING),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def masked_address(self) -> str:
        """The address, shown so that only somebody who knows it can tell whose it is."""
        return mask(self.address)

    @property
    def roles(self) -> list[str]:
        """As what its reader was told, each once. Reads its notices."""
        return list(dict.fromkeys(str(notice.get_role_display()) for notice in self.notices.all()))


class NoticeQuerySet(models.QuerySet):
    """Reads of the ledger, in English."""

    def waiting(self):
        """Notices that are still to be sent."""
        return self.filter(WAITING)

    def sent(self):
        """Notices that a mail server took."""
        return self.filter(sent_at__isnull=False)

    def dropped(self):
        """Notices that reached nobody: not true any more when their mail was about to go, not taken, or come back."""
        return self.filter(dropped_at__isnull=False)

    def not_held(self, day: date):
        """Notices about things that nobody holds back on a day."""
        held = Hold.objects.on(day).filter(reason=OuterRef("reason"), about_id=OuterRef("about_id"))
        return self.filter(~Exists(held))

    def oldest_unsent(self, now: datetime | None = None) -> datetime | None:
        """Since when the oldest notice that may go out has been waiting; None when none is.

        One whose address refuses mail is not counted, nor one that somebody
        holds back: neither means that sending has stopped.
        """
        moment = now or timezone.now()
        may_go = self.waiting().not_held(timezone.localdate(moment)).filter(send_from__lte=moment)
        return may_go.exclude(mail__try_after__isnull=False).aggregate(models.Min("send_from"))["send_from__min"]


class Notice(models.Model):
    """One step of one reason, about one thing and its date, to one person.

    The row comes before the message, so a late run sends what an earlier one
    missed, and a second run sends nothing. The thing is a bare id and not a
    foreign key: the ledger outlives what it was about, and its reason knows
    which table to look in. `about_on` is the date of the thing, never the day
    of sending, so moving it earns a new notice. The person is a keyed hash,
    beside an address that can be erased. One that was dropped is taken up
    again when it is owed after all.
    """

    reason = models.SlugField(max_length=40, db_index=False)
    step = models.SlugField(max_length=40, db_index=False)
    repeat = models.PositiveIntegerField(default=0)
    about_id = models.BigIntegerField()
    about_on = models.DateField()
    recipient_hash = models.CharField(max_length=64)
    address = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=Recipient)
    urgent = models.BooleanField(default=False)
    owed_on = models.DateField(help_text=_("The day its step fell on."))
    laid_down_at = models.DateTimeField(default=timezone.now)
    send_from = models.DateTimeField(help_text=_("Not before this moment: chasing waits for working hours."))
    hurried_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Somebody asked to send it at once, working hours or not.")
    )
    mail = models.ForeignKey(Mail, null=True, blank=True, on_delete=models.PROTECT, related_name="notices")
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_why = models.CharField(max_length=200, blank=True)

    reader: Any = None  # who reads at the address, once notices.readers was asked

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-laid_down_at", "-pk"]
        constraints = [
            # The thing comes first: each run looks up what is known of thousands of them.
            models.UniqueConstraint(
                "about_id", "about_on", "step", "repeat", "reason", "recipient_hash", name="notice_owed_once"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dropped_at__isnull=True), name="notice_ends_once"
            ),
            needs(
                Q(sent_at__isnull=False),
                Q(mail__isnull=False),
                name="notice_sent_in_a_mail",
                message=_("A notice is sent in a mail"),
            ),
            needs(
                Q(dropped_at__isnull=False),
                not_blank("dropped_why"),
                name="notice_dropped_says_why",
                message=_("Say why it was not sent"),
            ),
        ]
        indexes = [
            # What senders and /health/ready look at: a handful of rows, however long the ledger.
            models.Index("recipient_hash", "send_from", name="notice_waiting", condition=WAITING),
            models.Index(F("laid_down_at").desc(), F("id").desc(), name="notice_newest"),
            models.Index("laid_down_at", name="notice_to_forget", condition=~Q(address="")),
        ]

    def __str__(self) -> str:
        return f"{self.reason}, {self.step}, about {self.about_id}"

    @property
    def masked_address(self) -> str:
        """The address, shown so that only somebody who knows it can tell whose it is."""
        return mask(self.address)


class HoldQuerySet(models.QuerySet):
    """Reads of what is held back."""

    def on(self, day: date):
        """Holds that count on a day."""
        return self.filter(lifted_at__isnull=True, until__gte=day)


# Somebody who is told.
FOLLOWING = Q(confirmed_at__isnull=False, left_at__isnull=True)


class Cadence(models.TextChoices):
    """How often somebody wants what can wait. Answers and changed dates never wait.

    In the order of the alphabet the soonest comes first: who follows a thing
    in two ways is told by the sooner.
    """

    AT_ONCE = "at_once", _("As soon as it happens")
    DAY = "day", _("Once a day, in the morning")
    WEEK = "week", _("Once a week")


class Followed(models.Model):
    """What somebody follows: a kind (notices.followables), and the one thing or the filter in its plainest writing."""

    follows = models.SlugField(max_length=40)
    about_id = models.BigIntegerField(default=0, help_text=_("The one thing; 0 where a filter says which."))
    filter = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def key(self) -> tuple[str, int, str]:
        """What makes it the same as what somebody else follows."""
        return (self.follows, self.about_id, self.filter)


class SubscriptionQuerySet(models.QuerySet):
    """Reads of who follows what."""

    def active(self):
        """Subscriptions that somebody confirmed from their mailbox, and has not left."""
        return self.filter(FOLLOWING)


class Subscription(Followed):
    """Somebody follows something: an address, and nothing else about them (docs: domain 2.6, UK GDPR article 5).

    Only an address that was confirmed from its own mailbox is written to. When
    somebody leaves, the address goes and the row stays, so that numbers hold.
    """

    address = models.EmailField(max_length=254, blank=True)
    recipient_hash = models.CharField(max_length=64)
    cadence = models.CharField(_("how often"), max_length=10, choices=Cadence, default=Cadence.WEEK)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "recipient_hash",
                "follows",
                "about_id",
                "filter",
                condition=Q(left_at__isnull=True),
                name="subscription_once",
                violation_error_message=_("This address follows it already"),
            ),
            needs(
                Q(left_at__isnull=True),
                Q(address__regex=r"\S"),
                name="subscription_has_an_address",
                message=_("Enter an e-mail address"),
            ),
            models.CheckConstraint(
                condition=Q(address=Lower("address")),
                name="subscription_address_in_lower_case",
                violation_error_message=_("Write the e-mail address in small letters"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["follows", "about_id", "filter", "address"], name="subscription_of_thing", condition=FOLLOWING
            )
        ]

    def __str__(self) -> str:
        return f"{self.follows} {self.about_id}"


class SignUp(Followed):
    """Somebody typed an address into a form of ours. Whether it is theirs shows only when they press in its mailbox.

    Without a kind to follow it asks for the page on which an address sees what
    it follows. It goes after some days (settings.KEEP_DAYS), whatever came of it.
    """

    follows = models.SlugField(max_length=40, blank=True)
    address = models.EmailField(max_length=254)
    recipient_hash = models.CharField(max_length=64)
    cadence = models.CharField(max_length=10, choices=Cadence, default=Cadence.WEEK)
    asked_at = models.DateTimeField()
    asked_on = models.DateField(help_text=_("One mail a day is enough, however often somebody asks."))
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("recipient_hash", "follows", "about_id", "filter", name="sign_up_once"),
            models.CheckConstraint(
                condition=Q(address=Lower("address")),
                name="sign_up_address_in_lower_case",
                violation_error_message=_("Write the e-mail address in small letters"),
            ),
        ]
        indexes = [models.Index("asked_at", name="sign_up_oldest")]

    def __str__(self) -> str:
        return f"{self.follows or 'manage'} {self.about_id}"

    @staticmethod
    def lasts() -> timedelta:
        """For how long it is kept, and can be confirmed."""
        return timedelta(days=settings.KEEP_DAYS["sign-ups"])


class DigestRun(models.Model):
    """One digest for everybody who wants e-mails this often: it was laid down, and will not be again.

    The day is the one it was meant for. A run that was missed has its row later on.
    """

    cadence = models.CharField(max_length=10, choices=Cadence)
    day = models.DateField()
    ran_at = models.DateTimeField()
    notices = models.PositiveIntegerField(default=0, help_text=_("How many messages it laid down."))

    class Meta:
        ordering = ["-day", "cadence"]
        constraints = [models.UniqueConstraint("cadence", "day", name="digest_run_once")]

    def __str__(self) -> str:
        return f"{self.cadence}, {self.day}"


@tracked(name="HoldHistory")
class Hold(models.Model):
    """Messages about one thing are held back for a while, with the reason. The day it ends is part of it.

    It delays what is owed and ends nothing: when it is over, the latest
    reminder goes out.
    """

    reason = models.SlugField(max_length=40)
    about_id = models.BigIntegerField()
    why = models.CharField(_("why they are held back"), max_length=300)
    until = models.DateField(_("up to which day"))
    made_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["until", "pk"]
        constraints = [
            models.UniqueConstraint(
                "about_id", "reason", condition=Q(lifted_at__isnull=True), name="hold_one_at_a_time"
            ),
            needs(Q(), not_blank("why"), name="hold_says_why", message=_("Say why they are held back")),
        ]

    def __str__(self) -> str:
        return f"{self.reason}, about {self.about_id}, until {self.until}"


class Counter(models.Model):
    """How often something has happened since the hub began, and when it last did. Whoever watches the hub reads them.

    Kept apart from the ledger, which is long: counting it takes seconds.
    """

    key = models.SlugField(primary_key=True, max_length=40)
    total = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}: {self.total}"


def count(now: datetime, **happened: int) -> None:
    """Add to counters: `count(now, sent=12, runs=1)`. One statement; what did not happen changes nothing."""
    rows = sorted((key, number) for key, number in happened.items() if number)
    if rows:
        values = ", ".join(["(%s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO notices_counter (key, total, changed_at) VALUES {values} ON CONFLICT (key) DO UPDATE SET"
                " total = notices_counter.total + EXCLUDED.total, changed_at = EXCLUDED.changed_at",
                [value for key, number in rows for value in (key, number, now)],
            )


class FaultQuerySet(models.QuerySet):
    """Reads of faults."""

    def open(self):
        """Faults that nobody has mended yet."""
        return self.filter(mended_at__isnull=True)


# Without the address, which must go when the row forgets it.
@tracked(name="FaultHistory", exclude=("address", "recipient_hash"))
class Fault(models.Model):
    """Something that keeps a message from whoever owes an answer, which a person has to mend.

    It is about one thing of a reason, or about one address. It ends by itself
    as soon as it is not so any more; of an address, somebody may also say so.
    """

    class Kind(models.TextChoices):
        """What is wrong."""

        NOBODY = "nobody", _("Nobody receives this")
        OWNERLESS = "ownerless", _("Its owner has left")
        ADDRESS = "address", _("The address does not take our mail")
        STUCK = "stuck", _("A message cannot be sent")

    OF_AN_ADDRESS = (Kind.ADDRESS, Kind.STUCK)

    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.SlugField(max_length=40, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    recipient_hash = models.CharField(max_length=64, blank=True)
    address = models.EmailField(blank=True)
    detail = models.CharField(max_length=80, blank=True, help_text=_("What kind of fault the mail server named."))
    found_at = models.DateTimeField(default=timezone.now)
    mended_at = models.DateTimeField(null=True, blank=True)

    objects = FaultQuerySet.as_manager()

    class Meta:
        ordering = ["found_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "kind",
                "reason",
                "about_id",
                "recipient_hash",
                condition=Q(mended_at__isnull=True),
                name="fault_open_once",
                nulls_distinct=False,
            ),
            needs(
                Q(kind__in=["address", "stuck"]),
                not_blank("recipient_hash"),
                name="fault_of_an_address_has_one",
                message=_("Say which address it is"),
            ),
            needs(
                ~Q(kind__in=["address", "stuck"]),
                not_blank("reason") & Q(about_id__isnull=False),
                name="fault_of_a_duty_has_one",
                message=_("Say what it is about"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about_id or self.recipient_hash[:8]}"

    @property
    def masked_address(self) -> str:
        """The address, shown so that only somebody who knows it can tell whose it is."""
        return mask(self.address)


def mask(address: str) -> str:
    """An address with most of its first part hidden; nothing when it was erased."""
    if not address:
        return ""
    name, _at, place = address.partition("@")
    return f"{name[:1]}•••@{place}"
