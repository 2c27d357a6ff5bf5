"""Events: a series of dates that families can turn up to, what departs from its rule, and what happened."""

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import forgets_what_is_beside
from accounts.rules import reach, roles_of
from consultations.models import SupportState
from core.constraints import in_order, needs, not_blank
from core.history import keeps_rows, track_lists, tracked
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet
from core.vocabulary import keeps_words


class EventKind(models.TextChoices):
    """What sort of event it is, in the words families use."""

    DROP_IN = "drop_in", _("Drop-in")
    COFFEE_MORNING = "coffee_morning", _("Coffee morning")
    SUPPORT_GROUP = "support_group", _("Support group")
    FORUM = "forum", _("Forum")
    PANEL = "panel", _("Panel")
    WORKSHOP = "workshop", _("Workshop")
    TRAINING = "training", _("Training")
    INFORMATION = "information", _("Information session")
    MEETING = "meeting", _("Meeting")


class Repeats(models.TextChoices):
    """How a series comes again. Its weekday, or its day of the month, is that of its first day."""

    ONCE = "once", _("Once, or on dates that are added one by one")
    WEEKLY = "weekly", _("Every week")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY_WEEKDAY = "monthly_weekday", _("Every month, on a weekday such as the second Friday")
    MONTHLY_DAY = "monthly_day", _("Every month, on the same day of the month")
    YEARLY = "yearly", _("Every year, on the same day")


class WeekOfMonth(models.IntegerChoices):
    """Which of a month's Fridays (or other weekdays) is meant."""

    FIRST = 1, _("First")
    SECOND = 2, _("Second")
    THIRD = 3, _("Third")
    FOURTH = 4, _("Fourth")
    LAST = -1, _("Last")


class Attendance(models.TextChoices):
    """Whether families come to a place, join online, or choose."""

    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")
    BOTH = "both", _("In person or online")
    UNKNOWN = "unknown", _("Not known")


class Booking(models.TextChoices):
    """Whether a family must book, and how."""

    NONE = "none", _("No need to book")
    EMAIL = "email", _("Book by e-mail")
    PHONE = "phone", _("Book by phone")
    LINK = "link", _("Book online")
    UNKNOWN = "unknown", _("Not known")


class EventQuerySet(PublishableQuerySet):
    """Reads of events, in the words of the council."""

    def visible_to(self, user):
        """What this person may see: the public's, the drafts of the bodies they act for, and what they own."""
        held = [membership.pk for membership in roles_of(user)]
        return self.kept().filter(PUBLISHED | reach(user) | Q(owner__in=held) | Q(deputy__in=held))

    def of(self, organisation):
        """Those of an organisation and of everything below it."""
        return self.filter(organisation__path__startswith=organisation.path)

    def ours(self):
        """Those that are listed here, and not only found on another page: the hub asks somebody about them."""
        return self.filter(source_url="")

    def meeting_between(self, first, last):
        """Series that may have a date from `first` to `last`: by their rule, or by a date moved or added.

        Without `last`, at any time from `first` on. Two indexed columns are asked;
        which days those are is worked out afterwards.
        """
        by_rule = Q(until__isnull=True) | Q(until__gte=first)
        if last is not None:
            by_rule &= Q(first_day__lte=last)
        departs = EventDate.objects.departing_between(first, last)
        return self.filter(by_rule | Q(pk__in=departs.values("event")))

    def for_page(self):
        """With what its own page shows, in a fixed number of queries."""

        def labels(name):
            through = getattr(Event, f"{name}s").through
            rows = through.objects.filter(event=OuterRef("pk")).order_by(f"{name}__position")
            return ArraySubquery(rows.values(f"{name}__label"))

        return (
            self.select_related("organisation", "owner__user")
            .prefetch_related(
                Prefetch("supports", EventSupport.objects.select_related("kind")),
                "dates",
                "notes",
            )
            .annotate(**{f"{name}_labels": labels(name) for name in ("topic", "audience", "area")})
            .defer("search")
        )


_OURS_AND_PUBLISHED = Q(source_url="") & PUBLISHED
_TO_A_PLACE = Q(attendance__in=[Attendance.IN_PERSON, Attendance.BOTH])
_ONLINE = Q(attendance__in=[Attendance.ONLINE, Attendance.BOTH])


@tracked(
    name="EventHistory",
    exclude=(
        *("search", "contact_email", "contact_phone", "booking_email", "booking_phone"),
        *("dial_in_phone", "online_url"),
    ),
)
class Event(Publishable):
    """A series of dates that families can turn up to: a weekly drop-in, a monthly forum, or one single meeting.

    Its dates are never stored: they are worked out from the rule
    (consultations/events/recurrence.py). Only what departs from the rule is a
    row: see EventDate. Times are UK clock times, so that a 10:00 group stays
    at 10:00 when the clocks change.
    """

    title = models.CharField(_("title"), max_length=250)
    slug = models.SlugField(max_length=120, unique=True)
    reference = models.CharField(
        max_length=200, blank=True, help_text=_("The source's own reference; an import finds its row by it.")
    )
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of event"), max_length=20, choices=EventKind)
    summary = models.TextField(_("what happens there"), blank=True)
    language = models.CharField(_("language of the text"), max_length=10, default="en-GB")

    first_day = models.DateField(_("first date"))
    starts_at = models.TimeField(_("starts"), null=True, blank=True)
    ends_at = models.TimeField(_("ends"), null=True, blank=True)
    repeats = models.CharField(_("how often"), max_length=20, choices=Repeats, default=Repeats.ONCE)
    week_of_month = models.SmallIntegerField(_("which one of the month"), choices=WeekOfMonth, null=True, blank=True)
    until = models.DateField(_("last date"), null=True, blank=True)
    term_time_only = models.BooleanField(_("only in school terms"), default=False)

    attendance = models.CharField(_("in person or online"), max_length=10, choices=Attendance)
    venue = models.CharField(_("place"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=250, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    directions = models.TextField(_("how to get there, in words"), blank=True)
    online_url = models.URLField(_("link to join"), max_length=500, blank=True)
    link_after_booking = models.BooleanField(_("the link is sent after booking"), default=False)
    dial_in_phone = models.CharField(_("number to join by phone"), max_length=60, blank=True)

    booking = models.CharField(_("booking"), max_length=10, choices=Booking, default=Booking.NONE)
    booking_email = models.EmailField(_("e-mail for booking"), blank=True)
    booking_phone = models.CharField(_("phone for booking"), max_length=40, blank=True)
    booking_url = models.URLField(_("link for booking"), max_length=500, blank=True)
    booking_words = models.CharField(_("more about booking"), max_length=300, blank=True)
    places = models.PositiveSmallIntegerField(_("number of places"), null=True, blank=True)
    cost = models.CharField(_("cost"), max_length=120, blank=True, help_text=_("Empty: it is free."))
    cost_is_known = models.BooleanField(default=True, editable=False)

    topics = models.ManyToManyField("core.Topic", blank=True, related_name="+")
    audiences = models.ManyToManyField("core.Audience", blank=True, related_name="+")
    areas = models.ManyToManyField("core.Area", blank=True, related_name="+")
    consultations = models.ManyToManyField("consultations.Consultation", blank=True, related_name="+")

    staff_there = models.CharField(_("who from the service will be there"), max_length=250, blank=True)
    contact_name = models.CharField(_("who to ask: role or team"), max_length=150, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    owner = models.ForeignKey("accounts.Membership", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey("accounts.Membership", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    cancelled_on = models.DateField(null=True, blank=True, editable=False)
    cancelled_reason = models.CharField(_("why it was cancelled"), max_length=300, blank=True)
    # For calendars: raised by every action that changes a date, a time or a place, or cancels.
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)

    source_url = models.URLField(max_length=500, blank=True)
    source_page_url = models.URLField(_("its own page elsewhere"), max_length=500, blank=True)
    source_read_on = models.DateField(null=True, blank=True)
    source_repeats = models.CharField(_("how it repeats, as printed"), max_length=200, blank=True)
    source_notes = models.TextField(blank=True)

    search = models.GeneratedField(
        expression=(
            SearchVector("title", config="english", weight="A")
            + SearchVector("summary", config="english", weight="B")
            + SearchVector("venue", "address", "directions", config="english", weight="C")
            # The words as typed, for scripts and names that an English stem would spoil.
            + SearchVector("title", "summary", "venue", config="simple", weight="D")
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        triggers = [keeps_words("title", "summary", "venue"), forgets_what_is_beside("event")]
        indexes = [
            GinIndex(F("search"), name="event_search"),
            models.Index(F("published_at").desc(), "id", name="event_newest", condition=PUBLISHED),
            # Lists and the month calendar: the series that may meet between two days.
            models.Index("first_day", "until", name="event_meeting", condition=PUBLISHED),
        ]
        constraints = [
            models.UniqueConstraint("reference", condition=~Q(reference=""), name="event_reference_once"),
            needs(Q(), not_blank("title"), name="event_has_a_title", message=_("Enter a title")),
            in_order(
                "first_day",
                "until",
                name="event_begins_before_it_ends",
                message=_("The last date must be on or after the first date"),
            ),
            needs(
                Q(ends_at__isnull=False),
                Q(starts_at__isnull=False) & Q(ends_at__gt=F("starts_at")),
                name="event_starts_before_it_ends",
                message=_("The time it ends must be after the time it starts"),
            ),
            needs(
                Q(repeats=Repeats.ONCE),
                Q(until__isnull=False) & Q(until=F("first_day")),
                name="event_once_is_one_day",
                message=_("An event that does not repeat has one date. Add others one by one"),
            ),
            needs(
                Q(repeats=Repeats.MONTHLY_WEEKDAY),
                Q(week_of_month__isnull=False),
                name="event_monthly_says_which_week",
                message=_("Choose which one of the month, such as the second"),
            ),
            needs(
                ~Q(repeats=Repeats.MONTHLY_WEEKDAY),
                Q(week_of_month__isnull=True),
                name="event_week_only_when_monthly",
                message=_("Only an event on a weekday of each month says which one"),
            ),
            *(
                needs(
                    Q(week_of_month=week),
                    Q(first_day__day__range=(week * 7 - 6, week * 7)),
                    name=f"event_first_day_fits_week_{week}",
                    message=_("The first date must be on that weekday of the month, such as the second Friday"),
                )
                for week in (1, 2, 3, 4)
            ),
            needs(
                Q(week_of_month=WeekOfMonth.LAST),
                Q(first_day__day__gte=22),
                name="event_first_day_fits_last_week",
                message=_("The first date must be on the last such weekday of its month"),
            ),
            needs(
                Q(cancelled_on__isnull=False),
                not_blank("cancelled_reason"),
                name="event_cancelling_is_explained",
                message=_("Say why it is cancelled. Families will see it"),
            ),
            needs(
                Q(cancelled_on__isnull=True),
                Q(cancelled_reason=""),
                name="event_only_cancelled_has_a_reason",
                message=_("Only a cancelled event has a reason for it"),
            ),
            needs(
                Q(places__isnull=False),
                Q(places__gt=0),
                name="event_has_some_places",
                message=_("Enter how many people there is room for, or leave it empty"),
            ),
            needs(
                _OURS_AND_PUBLISHED,
                not_blank("summary") & not_blank("contact_name") & Q(owner__isnull=False),
                name="event_is_complete",
                message=_("A published event needs what happens there, whom to ask, and an owner"),
            ),
            needs(
                _OURS_AND_PUBLISHED & _TO_A_PLACE,
                not_blank("venue"),
                name="event_in_person_has_a_place",
                message=_("Enter the place"),
            ),
            needs(
                _OURS_AND_PUBLISHED & _ONLINE,
                not_blank("online_url") | Q(link_after_booking=True) | not_blank("dial_in_phone"),
                name="event_online_can_be_joined",
                message=_("Give the link to join, or say that it is sent after booking"),
            ),
            needs(
                Q(link_after_booking=True),
                ~Q(booking=Booking.NONE),
                name="event_link_after_booking_is_booked",
                message=_("A link that is sent after booking needs a way to book"),
            ),
            needs(
                Q(booking=Booking.EMAIL),
                not_blank("booking_email"),
                name="event_booking_email",
                message=_("Enter the e-mail address for booking"),
            ),
            needs(
                Q(booking=Booking.PHONE),
                not_blank("booking_phone"),
                name="event_booking_phone",
                message=_("Enter the phone number for booking"),
            ),
            needs(
                Q(booking=Booking.LINK),
                not_blank("booking_url"),
                name="event_booking_link",
                message=_("Enter the link for booking"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("events:detail", args=[self.slug])

    @property
    def is_ours(self) -> bool:
        """Whether it is listed here, and not only found on another page."""
        return not self.source_url

    @property
    def is_regular(self) -> bool:
        """Whether it comes again by a rule."""
        return self.repeats != Repeats.ONCE


class DateChangeKind(models.TextChoices):
    """How one date departs from the rule of its series."""

    AS_PLANNED = "", _("As planned")
    SKIPPED = "skipped", _("No meeting")
    MOVED = "moved", _("Moved")
    CANCELLED = "cancelled", _("Cancelled")


class EventDateQuerySet(models.QuerySet):
    """Reads of single dates."""

    def departing_between(self, first, last):
        """Those whose date, by the rule or where it went, lies from `first` to `last`, or from `first` on."""
        days = {"range": (first, last)} if last is not None else {"gte": first}
        ((lookup, value),) = days.items()
        return self.filter(Q(**{f"day__{lookup}": value}) | Q(**{f"new_day__{lookup}": value}))


@tracked(name="EventDateHistory")
class EventDate(models.Model):
    """One date of a series that departs from its rule: left out, moved, cancelled, or added.

    `day` is the date by the rule, or the day that was added; it never changes,
    so calendars know the date by it. Where it was moved, `new_day` and the
    other `new_` fields say to when and where; what is empty stays as it was.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="dates")
    day = models.DateField(_("date"))
    is_extra = models.BooleanField(_("added to the rule"), default=False)
    change = models.CharField(max_length=10, choices=DateChangeKind, default=DateChangeKind.AS_PLANNED, blank=True)
    new_day = models.DateField(_("new date"), null=True, blank=True)
    new_starts_at = models.TimeField(_("starts"), null=True, blank=True)
    new_ends_at = models.TimeField(_("ends"), null=True, blank=True)
    new_venue = models.CharField(_("place"), max_length=200, blank=True)
    new_address = models.CharField(_("address"), max_length=250, blank=True)
    new_postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    changed_on = models.DateField(_("changed"))

    objects = EventDateQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        indexes = [models.Index("new_day", name="eventdate_new_day", condition=Q(new_day__isnull=False))]
        constraints = [
            models.UniqueConstraint("event", "day", name="eventdate_once"),
            needs(
                Q(change=DateChangeKind.AS_PLANNED),
                Q(is_extra=True),
                name="eventdate_departs_from_the_rule",
                message=_("This date is as planned"),
            ),
            needs(
                Q(change__in=[DateChangeKind.MOVED, DateChangeKind.CANCELLED]),
                not_blank("reason"),
                name="eventdate_change_is_explained",
                message=_("Enter the reason. Families will see it."),
            ),
            needs(
                Q(change=DateChangeKind.MOVED),
                Q(new_day__isnull=False) | Q(new_starts_at__isnull=False) | not_blank("new_venue"),
                name="eventdate_moves_somewhere",
                message=_("Enter the new date, the new time or the new place"),
            ),
            needs(
                Q(change__in=[DateChangeKind.SKIPPED, DateChangeKind.CANCELLED, DateChangeKind.AS_PLANNED]),
                Q(new_day__isnull=True) & Q(new_venue="") & Q(new_address="") & Q(new_postcode=""),
                name="eventdate_only_moved_has_a_new_place",
                message=_("Only a date that moved has a new date or place"),
            ),
            needs(
                Q(new_ends_at__isnull=False),
                Q(new_starts_at__isnull=False) & Q(new_ends_at__gt=F("new_starts_at")),
                name="eventdate_starts_before_it_ends",
                message=_("The time it ends must be after the time it starts"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.day}: {self.get_change_display()}"


class EventChange(models.Model):
    """Something that changed after families could see it: what followers are told, and what the page keeps showing.

    `day` is the date of the series that it is about, empty when it is the whole
    series. Each change is a row of its own and is never changed, so that whoever
    tells followers can ask for those since a moment by `changed_on` and the key.
    """

    class What(models.TextChoices):
        """What changed."""

        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")
        RESTORED = "restored", _("On again")
        ADDED = "added", _("New date")
        SERIES_CHANGED = "series_changed", _("Dates, times or place changed")
        SERIES_CANCELLED = "series_cancelled", _("All dates cancelled")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=20, choices=What)
    day = models.DateField(null=True, blank=True)
    was_day = models.DateField(null=True, blank=True)
    was_starts_at = models.TimeField(null=True, blank=True)
    was_place = models.CharField(max_length=500, blank=True)
    now_day = models.DateField(null=True, blank=True)
    now_starts_at = models.TimeField(null=True, blank=True)
    now_place = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    changed_on = models.DateField(db_index=True)

    class Meta:
        ordering = ["changed_on", "pk"]
        constraints = [
            needs(
                Q(what__in=["moved", "cancelled", "restored", "added"]),
                Q(day__isnull=False),
                name="eventchange_is_about_a_date",
                message=_("Say which date changed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.get_what_display()} {self.day or ''}".strip()


@tracked(name="OccurrenceNoteHistory")
class OccurrenceNote(models.Model):
    """What happened on one date of an event, for those who were there and those who could not come.

    `day` is the date by the rule, as in EventDate. A count from 1 to 4 is never kept.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notes")
    day = models.DateField()
    text = models.TextField(_("what happened"))
    came = models.PositiveIntegerField(_("how many came"), null=True, blank=True)
    came_is_few = models.BooleanField(_("fewer than 5 came"), default=False)
    written_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    written_on = models.DateField(editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint("event", "day", name="occurrencenote_once"),
            needs(Q(), not_blank("text"), name="occurrencenote_says_something", message=_("Say what happened")),
            needs(
                Q(came__isnull=False),
                (Q(came__gte=5) | Q(came=0)) & Q(came_is_few=False),
                name="occurrencenote_few_has_no_number",
                message=_("Do not keep a number from 1 to 4: tick “fewer than 5” instead"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.day}"


class EventSupport(models.Model):
    """One kind of help to take part in an event: there, to be asked for so many days before, or not available."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="supports")
    kind = models.ForeignKey("core.AccessSupport", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=SupportState)
    ask_days_before = models.PositiveSmallIntegerField(_("days before each date"), null=True, blank=True)

    class Meta:
        ordering = ["kind__position"]
        verbose_name_plural = _("help to take part")
        triggers = keeps_rows("consultations_event", "event_id", "supports")
        constraints = [
            models.UniqueConstraint("event", "kind", name="eventsupport_once"),
            needs(
                Q(state="on_request"),
                Q(ask_days_before__isnull=False),
                name="eventsupport_says_ask_by_when",
                message=_("Enter how many days before to ask for it"),
            ),
            needs(
                ~Q(state="on_request"),
                Q(ask_days_before__isnull=True),
                name="eventsupport_ask_only_on_request",
                message=_("Only help that must be asked for has a last day to ask"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_state_display()}"


track_lists(Event, "topics", "audiences", "areas", "consultations", "supports")
