"""What came of what families said: answers, holding notes, the "you said, we did" log, and reports."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import forgets_what_is_beside
from consultations.stages import REPORT_WITHIN
from core.constraints import needs, not_blank
from core.history import track_lists, tracked
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet
from core.vocabulary import keeps_words


class AnswerState(models.TextChoices):
    """What the answer to one point is (content: action_statuses). The keys never change."""

    DONE = "done", _("Done")
    PARTLY = "partly", _("Partly")
    DOING = "doing", _("Started")
    WILL_DO = "will_do", _("Promised")
    DECIDING = "deciding", _("Not decided")
    CANNOT = "cannot", _("No, and here is why")
    PASSED_ON = "passed_on", _("Not ours to decide")
    NONE = "none", _("No answer yet")


# A promise has an owner and a date, and is chased when the date comes.
PROMISES = (AnswerState.WILL_DO, AnswerState.DOING)


class Kind(models.TextChoices):
    """How full an answer is."""

    FULL = "full", _("Full answer")
    SHORT = "short", _("Short answer")
    ELSEWHERE = "elsewhere", _("Already answered elsewhere")


class ResponseQuerySet(PublishableQuerySet):
    """Reads of answers."""


@tracked(name="ResponseHistory", exclude=("search", "contact_email", "contact_phone"))
class Response(Publishable):
    """The council's full published reply to a consultation.

    Its themes are `FeedbackEntry` rows. That it is published, and when, is
    the one fact `Consultation.responded_on`, set by the action that publishes
    it; `published_at` here says the text may be seen.
    """

    consultation = models.OneToOneField("consultations.Consultation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.FULL)
    in_short = models.TextField(_("in short"), blank=True)
    we_asked = models.TextField(_("what we asked"), blank=True)
    total = models.PositiveIntegerField(_("how many people or families took part"), null=True, blank=True)
    total_is_few = models.BooleanField(_("fewer than 5 took part"), default=False)
    by_method = models.JSONField(_("how many for each way of taking part"), default=list, blank=True)
    who = models.TextField(_("who they were"), blank=True)
    missing = models.TextField(_("who we did not hear from, and what we will do about it"), blank=True)
    decided_by = models.CharField(_("who made the decision"), max_length=200, blank=True)
    decided_on = models.DateField(_("when"), null=True, blank=True)
    record_url = models.URLField(_("link to the decision record"), max_length=500, blank=True)
    link_to_views = models.TextField(_("what is different because of what people said"), blank=True)
    what_next = models.TextField(_("what happens next"), blank=True)
    contact_name = models.CharField(_("name or team"), max_length=150, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    formats = models.TextField(_("other formats"), blank=True)
    elsewhere_url = models.URLField(_("where it was answered"), max_length=500, blank=True)
    elsewhere_on = models.DateField(_("when it was answered"), null=True, blank=True)
    was_stopped = models.BooleanField(_("the work was stopped after closing"), default=False)
    told = models.PositiveIntegerField(_("how many families were told"), null=True, blank=True)

    search = models.GeneratedField(
        expression=SearchVector("in_short", config="english", weight="B")
        + SearchVector("we_asked", "link_to_views", "what_next", config="english", weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(F("search"), name="response_search")]
        constraints = [
            needs(
                PUBLISHED & ~Q(kind=Kind.ELSEWHERE),
                not_blank("in_short") & not_blank("decided_by"),
                name="response_published_is_complete",
                message=_("A published answer needs its short version and who decided"),
            ),
            needs(
                PUBLISHED & Q(kind=Kind.ELSEWHERE),
                not_blank("in_short") & not_blank("elsewhere_url") & Q(elsewhere_on__isnull=False),
                name="response_elsewhere_has_link_and_date",
                message=_("Enter the link, the date and two sentences"),
            ),
            needs(
                Q(total__isnull=False),
                Q(total__gte=5) | Q(total=0),
                name="response_total_is_not_few",
                message=_("Do not show a number from 1 to 4: tick “fewer than 5” instead"),
            ),
            needs(
                Q(total_is_few=True),
                Q(total__isnull=True),
                name="response_few_has_no_number",
                message=_("Tick “fewer than 5” or enter a number, not both"),
            ),
        ]

    def __str__(self) -> str:
        return f"Answer to {self.consultation_id}"


class FeedbackEntryQuerySet(PublishableQuerySet):
    """Reads of the log."""

    def open_promises(self):
        """What families were promised and do not have yet: promises, and news where nothing was decided.

        An entry found elsewhere promises nothing here and is never chased.
        """
        owed = (*PROMISES, AnswerState.DECIDING)
        return self.published().filter(answer__in=owed, origin=Origin.HUB)

    def for_log(self):
        """With what a log entry shows, in a fixed number of queries."""
        return self.select_related("consultation", "event", "organisation", "owner__user").defer(
            "search", "consultation__search", "event__search"
        )


class Origin(models.TextChoices):
    """Whether the service wrote the entry here, or it was found elsewhere."""

    HUB = "hub", _("Written here")
    FOUND = "found", _("Found elsewhere, not checked")


class HeardFrom(models.TextChoices):
    """How families said it."""

    CONSULTATION = "consultation", _("A consultation")
    FORUM = "forum", _("A parent carer forum")
    EVENT = "event", _("An event")
    CALL = "call", _("A call or message")
    COMPLAINT = "complaint", _("A complaint")
    COMMENT = "comment", _("A comment")


class LocalOfferPart(models.TextChoices):
    """Which of the three things a comment on the SEND local offer is about (SEND Regulations 2014, regulation 56)."""

    CONTENT = "content", _("What is in it: how good it is, and what is missing")
    ACCESS = "access", _("How easy it is to find and to use")
    MADE = "made", _("How it was made or looked at again, and how families had a part in that")
    NOT = "not", _("It is not about the local offer")


class LeftOut(models.TextChoices):
    """Why a comment on the local offer is not in the yearly report. Only how many there were is published."""

    ONE_PERSON = "one_person", _("It is about the services that one person gets")
    ABUSE = "abuse", _("It was written to hurt or to annoy, and asks for nothing")
    SAID_ALREADY = "said_already", _("It says what another comment in the report says")


_WRITTEN_HERE = PUBLISHED & Q(origin=Origin.HUB)


@tracked(name="FeedbackEntryHistory", exclude=("search", "quote", "body_contact"))
class FeedbackEntry(Publishable):
    """One thing families said and the answer to it.

    A theme of an answer, or an entry of its own from a forum, an event, a call
    or a comment. An entry found elsewhere keeps its text as found: it is
    marked "not checked", never chased, and never sets an outcome.
    """

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    consultation = models.ForeignKey(
        "consultations.Consultation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    response = models.ForeignKey(Response, null=True, blank=True, on_delete=models.CASCADE, related_name="themes")
    position = models.PositiveSmallIntegerField(default=0)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.HUB)
    heard_from = models.CharField(max_length=20, choices=HeardFrom, default=HeardFrom.CONSULTATION)
    heard_on = models.DateField(_("when families said it"), null=True, blank=True)
    event = models.ForeignKey("consultations.Event", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_gap = models.BooleanField(_("it says that something is missing"), default=False)
    topics = models.ManyToManyField("core.Topic", blank=True, related_name="+")
    # Empty: nobody has looked yet.
    local_offer = models.CharField(
        _("which part of the local offer"), max_length=10, choices=LocalOfferPart, blank=True
    )
    left_out = models.CharField(_("why it is left out"), max_length=12, choices=LeftOut, blank=True)

    theme = models.CharField(_("the point in a few words"), max_length=200, blank=True)
    you_said = models.TextField(_("what people said"), blank=True)
    how_many = models.CharField(_("about how many said this"), max_length=80, blank=True)
    quote = models.CharField(_("a short quote"), max_length=300, blank=True)
    answer = models.CharField(_("our answer"), max_length=12, choices=AnswerState, default=AnswerState.NONE)
    we_did = models.TextField(_("what we did, or will do, or why we cannot"), blank=True)
    owner = models.ForeignKey("accounts.Membership", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner_role = models.CharField(_("who is responsible"), max_length=150, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    done_on = models.DateField(_("when it was done"), null=True, blank=True)
    what_changed = models.TextField(_("what is different now"), blank=True)
    next_update_on = models.DateField(_("when we will tell you more"), null=True, blank=True)
    updated_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("When families were last told how far it has got.")
    )
    body = models.CharField(_("who it was passed to"), max_length=200, blank=True)
    body_contact = models.CharField(_("how to reach them"), max_length=200, blank=True)
    passed_on = models.DateField(_("when it was passed on"), null=True, blank=True)
    # The clock of a point that was put before its service on its own, not in an answer (feedback.stages.ANSWERS).
    owed_from = models.DateField(
        null=True, blank=True, editable=False, help_text=_("The day its service was told that it owes an answer.")
    )
    answer_due_on = models.DateField(
        _("answer due"), null=True, blank=True, editable=False, help_text=_("Empty where its service promised nothing.")
    )
    answered_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("“Not decided” is not an answer: the clock runs on.")
    )

    reference = models.CharField(max_length=200, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    language = models.CharField(max_length=10, default="en-GB")

    search = models.GeneratedField(
        expression=SearchVector("theme", config="english", weight="A")
        + SearchVector("you_said", "we_did", config="english", weight="B")
        + SearchVector("what_changed", config="english", weight="C")
        # The words as typed, for scripts and names that an English stem would spoil.
        + SearchVector("theme", "you_said", "we_did", config="simple", weight="D"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = FeedbackEntryQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "feedback entries"
        triggers = [keeps_words("theme", "you_said", "we_did"), forgets_what_is_beside("entry")]
        indexes = [
            GinIndex(F("search"), name="entry_search"),
            models.Index(F("published_at").desc(), "id", name="entry_newest", condition=PUBLISHED),
            # Few are updated: those who follow are told of the newest.
            models.Index("updated_on", name="entry_updated", condition=Q(updated_on__isnull=False)),
            models.Index("due_on", name="entry_promised", condition=Q(answer__in=PROMISES, origin=Origin.HUB)),
            models.Index(
                "answer_due_on", "owed_from", name="entry_owed", condition=Q(owed_from__isnull=False, answered_on=None)
            ),
            models.Index(F("published_at").desc(), "id", name="entry_gaps", condition=PUBLISHED & Q(is_gap=True)),
        ]
        constraints = [
            models.UniqueConstraint("reference", condition=~Q(reference=""), name="entry_reference_once"),
            needs(
                PUBLISHED,
                not_blank("you_said"),
                name="entry_says_something",
                message=_("Enter what people said"),
            ),
            # What is put before a service stands in the log while its answer is owed.
            needs(
                _WRITTEN_HERE & Q(owed_from__isnull=True),
                ~Q(answer=AnswerState.NONE),
                name="entry_is_answered",
                message=_("Choose an answer"),
            ),
            needs(
                Q(owed_from__isnull=True),
                Q(answer_due_on__isnull=True, answered_on__isnull=True),
                name="entry_clock_has_begun",
                message=_("Only a point that a service was told of owes an answer"),
            ),
            needs(
                Q(owed_from__isnull=False),
                ~Q(answer__in=[AnswerState.NONE, AnswerState.DECIDING], answered_on__isnull=False)
                & (Q(answer__in=[AnswerState.NONE, AnswerState.DECIDING]) | Q(answered_on__isnull=False)),
                name="entry_answered_stops_its_clock",
                message=_("An answer has its day, and “not decided” has none"),
            ),
            needs(
                _WRITTEN_HERE & Q(answer__in=PROMISES),
                Q(due_on__isnull=False) & (Q(owner__isnull=False) | not_blank("owner_role")),
                name="entry_promise_has_owner_and_date",
                message=_("Say who is responsible and by when"),
            ),
            needs(
                _WRITTEN_HERE & Q(answer__in=[AnswerState.DONE, AnswerState.PARTLY]),
                Q(done_on__isnull=False) & not_blank("what_changed"),
                name="entry_done_says_what_changed",
                message=_("Say when it was done and what is different now"),
            ),
            needs(
                _WRITTEN_HERE & Q(answer__in=[AnswerState.CANNOT, AnswerState.DECIDING, AnswerState.PARTLY]),
                not_blank("we_did"),
                name="entry_no_has_a_reason",
                message=_("Give the reason"),
            ),
            needs(
                _WRITTEN_HERE & Q(answer=AnswerState.DECIDING),
                Q(next_update_on__isnull=False),
                name="entry_undecided_has_a_date",
                message=_("Say when you will tell families more"),
            ),
            needs(
                _WRITTEN_HERE & Q(answer=AnswerState.PASSED_ON),
                not_blank("body") & not_blank("body_contact") & Q(passed_on__isnull=False),
                name="entry_passed_on_names_a_body",
                message=_("Say who it was passed to, when, and how to reach them"),
            ),
            needs(
                ~Q(left_out=""),
                Q(local_offer__in=[LocalOfferPart.CONTENT, LocalOfferPart.ACCESS, LocalOfferPart.MADE]),
                name="entry_left_out_of_the_local_offer",
                message=_("Only a comment on the local offer can be left out of its report"),
            ),
            needs(
                Q(origin=Origin.FOUND),
                not_blank("source_url"),
                name="entry_found_has_a_source",
                message=_("An entry found elsewhere needs its source"),
            ),
        ]

    def __str__(self) -> str:
        return self.theme or self.you_said[:80]

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("feedback:entry", args=[self.pk])

    @property
    def is_found_elsewhere(self) -> bool:
        """Whether its text is as found on another page, and not checked."""
        return self.origin == Origin.FOUND

    @property
    def is_promise(self) -> bool:
        """Whether families were promised something that is not done yet."""
        return self.answer in PROMISES


class HoldingNoteQuerySet(PublishableQuerySet):
    """Reads of holding notes."""


@tracked(name="HoldingNoteHistory", exclude=("contact",))
class HoldingNote(Publishable):
    """Why families have not had an answer yet, and the new date. It never stops the clock (rule 3)."""

    consultation = models.ForeignKey("consultations.Consultation", on_delete=models.CASCADE, related_name="+")
    reason = models.TextField(_("why it is late"))
    heard_so_far = models.TextField(_("what we have heard so far"), blank=True)
    new_date = models.DateField(_("when you will have the full answer"))
    contact = models.CharField(_("who to ask"), max_length=200)

    objects = HoldingNoteQuerySet.as_manager()

    class Meta:
        ordering = [F("published_at").desc(nulls_last=True), "-pk"]
        constraints = [
            needs(PUBLISHED, not_blank("reason"), name="holding_note_has_a_reason", message=_("Enter why it is late")),
        ]

    def __str__(self) -> str:
        return self.reason[:80]


class StandingReportQuerySet(PublishableQuerySet):
    """Reads of reports."""

    def taken_back(self):
        """Those that families saw for a while, whose words wait to be used again."""
        return self.kept().filter(published_at__isnull=True)

    def for_page(self):
        """With what a report shows, in one query."""
        return self.select_related("consultation").defer("consultation__search")


@tracked(name="StandingReportHistory", exclude=("you_said",))
class StandingReport(Publishable):
    """What came of a standing opportunity since its last report: a panel, a working group (DESIGN rule 4).

    Families' words are not in its history. `next_on` is what it tells families
    of the next one; the one that is owed now is `Consultation.next_report_on`,
    set by the action that publishes. One that was taken back waits, unpublished,
    for its words to be used again.
    """

    consultation = models.ForeignKey("consultations.Consultation", on_delete=models.PROTECT, related_name="+")
    reported_on = models.DateField(_("published on"), editable=False)
    due_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("The day it was due; taken back, it is due then again.")
    )
    you_said = models.TextField(_("what families said"), blank=True)
    what_changed = models.TextField(_("what changed because of it, or why nothing did"), blank=True)
    took_part = models.PositiveIntegerField(_("how many people or families took part"), null=True, blank=True)
    took_part_is_few = models.BooleanField(_("fewer than 5 took part"), default=False)
    next_on = models.DateField(_("when the next report comes"), null=True, blank=True)

    objects = StandingReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_on", "-pk"]
        indexes = [
            models.Index(
                "consultation", F("reported_on").desc(), F("id").desc(), name="report_newest", condition=PUBLISHED
            ),
        ]
        constraints = [
            needs(
                PUBLISHED,
                not_blank("you_said") & not_blank("what_changed"),
                name="report_says_something",
                message=_("Say what families said, and what changed because of it"),
            ),
            needs(
                PUBLISHED,
                Q(took_part__isnull=False) | Q(took_part_is_few=True),
                name="report_says_how_many",
                message=_("Say how many took part: a number, or “fewer than 5”"),
            ),
            needs(
                Q(took_part__isnull=False),
                (Q(took_part__gte=5) | Q(took_part=0)) & Q(took_part_is_few=False),
                name="report_few_has_no_number",
                message=_("Do not keep a number from 1 to 4: write “fewer than 5” instead"),
            ),
            needs(
                Q(next_on__isnull=False),
                Q(next_on__gt=F("reported_on"), next_on__lte=F("reported_on") + REPORT_WITHIN),
                name="report_next_within_six_months",
                message=_("The next report comes within six months"),
            ),
        ]

    def __str__(self) -> str:
        return f"Report on {self.consultation_id}, {self.reported_on}"

    def get_absolute_url(self) -> str:
        """Its place on the page of all reports."""
        return f"{reverse('feedback:reports', args=[self.consultation.slug])}#report-{self.pk}"


class ReportKind(models.TextChoices):
    """What a report is about, and for whom."""

    BOARD = "board", _("Report for boards")
    LOCAL_OFFER = "local_offer", _("What families said about the local offer")


class IssuedReportQuerySet(models.QuerySet):
    """Reads of reports that are out."""

    def about(self, kind: ReportKind, starts_on):
        """Those of one kind about the time that begins on a day, the newest first."""
        return self.filter(kind=kind, starts_on=starts_on)

    def with_replacements(self):
        """Each with whether a newer one about the same time took its place, as `is_replaced`."""
        newer = IssuedReport.objects.filter(
            kind=models.OuterRef("kind"), starts_on=models.OuterRef("starts_on"), number__gt=models.OuterRef("number")
        )
        return self.annotate(is_replaced=models.Exists(newer))


class IssuedReport(models.Model):
    """A report as the board or families were given it: its figures and words stay what they were that day.

    A mistake is mended by a newer one about the same time. Both stay.
    """

    kind = models.CharField(max_length=12, choices=ReportKind)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    number = models.PositiveSmallIntegerField(help_text=_("1 for the first report about this time, 2 for the next."))
    content = models.JSONField(encoder=DjangoJSONEncoder)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = IssuedReportQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-number"]
        # Whoever leaves is taken off it; nothing else of it ever changes.
        triggers = [pgtrigger.ReadOnly(name="is_frozen", exclude=["issued_by"])]
        constraints = [
            models.UniqueConstraint("kind", "starts_on", "number", name="issued_report_number_once"),
            needs(
                Q(starts_on__isnull=False),
                Q(ends_on__gt=F("starts_on")),
                name="issued_report_days_in_order",
                message=_("The last day comes after the first"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.starts_on} to {self.ends_on}, number {self.number}"


class Draft(models.Model):
    """What a service manager has typed into the answer so far, saved as they go.

    Kept apart from the answer itself, so that half a sentence can be saved
    that the answer's own rules would refuse. It goes when the answer is out.
    """

    consultation = models.OneToOneField("consultations.Consultation", on_delete=models.CASCADE, related_name="+")
    typed = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"Draft answer to {self.consultation_id}"


track_lists(FeedbackEntry, "topics")
