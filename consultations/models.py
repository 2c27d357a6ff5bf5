"""Consultations: what families can have a say on."""

from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, F, OuterRef, Prefetch, Q, Value, When
from django.db.models.functions import Coalesce, Concat, JSONObject, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import forgets_what_is_beside
from accounts.rules import reach, roles_of
from consultations.stages import REPORTS, TIMELINE, ReportStage, Stage
from core.constraints import in_order, needs, not_blank
from core.dates import today
from core.history import keeps_rows, track_lists, tracked
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet
from core.vocabulary import keeps_words


class ParticipationLevel(models.TextChoices):
    """How much say families have: what is on offer, never a score."""

    INFORMATION = "information", _("We tell you")
    CONSULTATION = "consultation", _("We ask before we decide")
    PARTICIPATION = "participation", _("You work with us")
    CO_PRODUCTION = "co_production", _("We decide together")


class RecordKind(models.TextChoices):
    """Whether the hub listed it while it ran, or it was brought in afterwards (DESIGN rule 8)."""

    LIVE = "live", _("Listed here while it ran")
    PAST = "past", _("Closed before this hub")


class Outcome(models.TextChoices):
    """What is known of the answer to a past record."""

    FOUND = "found", _("Answer found")
    NOT_FOUND = "not_found", _("Looked for and not found")
    NOT_LOOKED = "not_looked", _("Not looked for yet")


class LegalType(models.TextChoices):
    """A duty to consult that brings its own rules. Law belongs in settings; these are only names."""

    NONE = "none", _("No special legal rule")
    LOCAL_OFFER = "local_offer_review", _("Review of the SEND local offer")
    SEND_PROVISION = "send_provision", _("Review of SEND education and care provision")
    ADMISSIONS = "admissions", _("School admission arrangements")
    SCHOOL_TRAVEL = "school_travel", _("Travel to school policy")
    SHORT_BREAKS = "short_breaks", _("Short breaks statement")


class ConsultationQuerySet(PublishableQuerySet):
    """Reads of consultations, in the words of the council."""

    def visible_to(self, user):
        """What this person may see: the public's, the drafts of the bodies they act for, and what they own."""
        held = [membership.pk for membership in roles_of(user)]
        return self.kept().filter(PUBLISHED | reach(user) | Q(owner__in=held) | Q(deputy__in=held))

    def in_stage(self, *stages: Stage, on=None):
        """Consultations in any of `stages` on a day (today when none is given)."""
        return self.filter(TIMELINE.within_any(stages, on or today()))

    def with_stage(self, on=None):
        """Each with its stage on a day as `stage_then`, for counting and grouping."""
        return self.annotate(stage_then=TIMELINE.case(on or today()))

    def owing(self, on=None):
        """Published consultations whose answer is owed on a day: waiting for it or late.

        Said a second way, "not over yet, and owed since", so that an index leads
        straight to them: a hub keeps many that are over for each that still owes.
        """
        day = on or today()
        return self.published().in_stage(Stage.AWAITING, Stage.LATE, on=day).still_owed(day)

    def still_owed(self, day):
        """Those whose answer was ever owed, and has neither come nor become needless on a day: by an index."""
        return self.alias(owed_until=_OWED_UNTIL).filter(owed_until__gt=day)

    def standing(self, on=None):
        """Published standing opportunities that families can take part in on a day: panels, working groups."""
        open_now = self.published().in_stage(Stage.OPEN, on=on)
        return open_now.filter(record=RecordKind.LIVE, closes_on__isnull=True)

    def owing_reports(self, *stages: ReportStage, on=None):
        """Published standing opportunities that owe families a report; with `stages`, one that has got so far."""
        wanted = stages or (ReportStage.AHEAD, ReportStage.DUE, ReportStage.LATE)
        owed = self.published().filter(next_report_on__isnull=False)
        return owed.filter(REPORTS.within_any(wanted, on or today()))

    def of(self, organisation):
        """Those of an organisation and of everything below it."""
        return self.filter(organisation__path__startswith=organisation.path)

    def for_cards(self):
        """With what a card in a list shows, in one query, and without the long texts."""
        formats = Document.objects.order_by("format__position").filter(
            consultation=OuterRef("pk"), format__key__in=CARD_FORMATS
        )
        return (
            self.select_related("organisation")
            .annotate(card_formats=ArraySubquery(formats.annotate(name=_short_label("format")).values("name")))
            .only(*CARD_FIELDS)
        )

    def for_page(self):
        """With what its own page shows, in a fixed number of queries."""

        def labels(name):
            through = getattr(Consultation, f"{name}s").through
            rows = through.objects.filter(consultation=OuterRef("pk")).order_by(f"{name}__position")
            return ArraySubquery(rows.values(f"{name}__label"))

        # A consultation has few, and its page asks at most ten questions: they come along with it.
        corrections = _writing.Correction.objects.filter(consultation=OuterRef("pk")).order_by("-changed_on", "-pk")

        def links(rows, to):
            # Address and title as one text: an address has no space in it.
            both = Concat(f"{to}__slug", Value(" "), f"{to}__title")
            return ArraySubquery(rows.order_by(f"{to}__title").values_list(both, flat=True))

        linked = _events.Event.consultations.through.objects.order_by("pk")
        of_plans = _plan.Umbrella.consultations.through.objects.filter(
            consultation=OuterRef("pk"), umbrella__in=_plan.Umbrella.objects.published()
        )
        related = Consultation.related.through.objects.filter(
            from_consultation=OuterRef("pk"), to_consultation__in=Consultation.objects.published()
        )
        return (
            self.select_related("organisation", "owner__user", "earlier_round")
            .prefetch_related(
                Prefetch("ways", WayToTakePart.objects.select_related("method")),
                Prefetch("supports", Support.objects.select_related("kind")),
                Prefetch("documents", Document.objects.select_related("format")),
                "date_changes",
            )
            .annotate(**{f"{name}_labels": labels(name) for name in ("topic", "audience", "area")})
            .annotate(correction_rows=ArraySubquery(corrections.values(row=JSONObject(on="changed_on", text="text"))))
            .annotate(
                event_ids=ArraySubquery(linked.filter(consultation=OuterRef("pk")).values("event")),
                plan_links=links(of_plans, "umbrella"),
                related_links=links(related, "to_consultation"),
            )
            .defer("search")
        )


def _short_label(term: str) -> Coalesce:
    """A term's label where there is little room."""
    return Coalesce(NullIf(f"{term}__short_label", Value("")), f"{term}__label")


# The formats worth naming on a card, and the facts that a card or its stage is made of.
CARD_FORMATS = ("easy_read", "bsl_video")
CARD_FIELDS = (
    "title",
    "slug",
    "summary",
    "record",
    "planned_for",
    "opens_on",
    "closes_on",
    "closes_at",
    "answer_owed_from",
    "response_due_on",
    "responded_on",
    "withdrawn_on",
    "next_report_on",
    "minutes_needed",
    "published_at",
    "changed_at",
    "organisation__name",
    "organisation__slug",
)

# From this day on no answer is owed any more; long ago where none ever was. One column, so that PostgreSQL learns how
# few still owe one: of two it takes each by itself, and most consultations have one of them.
_OWED_UNTIL = Case(
    When(answer_owed_from__isnull=True, then=Value(date.min)),
    default=TIMELINE.first_day_of(Stage.RESPONDED, Stage.WITHDRAWN),
    output_field=models.DateField(),
)

_LIVE_AND_PUBLISHED = Q(record=RecordKind.LIVE) & PUBLISHED
_OPENED = Q(opens_on__isnull=False)


@tracked(name="ConsultationHistory", exclude=("search", "contact_email", "contact_phone", "team_mailbox"))
class Consultation(Publishable):
    """One ask to families, or one standing opportunity to take part.

    Being published (who may see it) and its stage (how far it has got) are
    separate. A live record has the full list of fields, checked when it is
    published; a past record needs title, organisation, closing day and source.
    No closing date means a standing opportunity, such as a panel.
    """

    record = models.CharField(max_length=10, choices=RecordKind, default=RecordKind.LIVE)
    title = models.CharField(_("title"), max_length=250)
    slug = models.SlugField(max_length=120, unique=True)
    reference = models.CharField(
        max_length=200, blank=True, help_text=_("The source's own reference; an import finds its row by it.")
    )
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    partners = models.ManyToManyField("accounts.Organisation", blank=True, related_name="+")
    service_area = models.CharField(_("part of the service"), max_length=120, blank=True)

    summary = models.TextField(_("summary"), blank=True, help_text=_("Up to 60 words, in plain English."))
    why_it_matters = models.TextField(_("why it matters to families"), blank=True)
    can_change = models.TextField(_("what can change"), blank=True)
    cannot_change = models.TextField(_("what cannot change, and why"), blank=True)
    what_next = models.TextField(_("what happens next"), blank=True)
    level = models.CharField(_("how much say families have"), max_length=20, choices=ParticipationLevel, blank=True)
    topics = models.ManyToManyField("core.Topic", blank=True, related_name="+")
    audiences = models.ManyToManyField("core.Audience", blank=True, related_name="+")
    areas = models.ManyToManyField("core.Area", blank=True, related_name="+")
    minutes_needed = models.PositiveSmallIntegerField(_("minutes it takes"), null=True, blank=True)
    legal_type = models.CharField(max_length=30, choices=LegalType, default=LegalType.NONE)
    equality_check_url = models.URLField(_("equality check"), max_length=500, blank=True)
    equality_check_reason = models.CharField(_("why there is no equality check"), max_length=300, blank=True)
    language = models.CharField(_("language of the text"), max_length=10, default="en-GB")

    planned_for = models.CharField(
        _("season it is planned for"), max_length=80, blank=True, help_text=_("Such as “spring 2027”.")
    )
    opens_on = models.DateField(_("opens"), null=True, blank=True)
    closes_on = models.DateField(_("closes"), null=True, blank=True)
    closes_at = models.TimeField(
        _("closing time"), null=True, blank=True, help_text=_("Only when it is not the end of the day.")
    )
    next_report_on = models.DateField(_("next report"), null=True, blank=True)

    decided_by = models.CharField(_("who decides"), max_length=200, blank=True)
    decision_on = models.DateField(_("decision expected on"), null=True, blank=True)
    decision_when = models.CharField(_("decision expected, in words"), max_length=120, blank=True)

    owner = models.ForeignKey("accounts.Membership", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey("accounts.Membership", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team_mailbox = models.EmailField(_("team mailbox"), blank=True)
    contact_name = models.CharField(_("who to ask: role or team"), max_length=150, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)

    answer_owed_from = models.DateField(null=True, blank=True, editable=False)
    response_due_on = models.DateField(_("answer due"), null=True, blank=True)
    first_due_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("The first date published; on time is judged by it.")
    )
    promised_earlier = models.BooleanField(
        default=False, help_text=_("The service promised an earlier day than 84 days after closing.")
    )
    late_comment = models.TextField(_("the service's comment on the delay"), blank=True)
    responded_on = models.DateField(null=True, blank=True, editable=False)
    responded_exactly = models.BooleanField(
        default=True, editable=False, help_text=_("False: answered by that day; left out of time figures.")
    )
    withdrawn_on = models.DateField(null=True, blank=True, editable=False)
    withdrawn_reason = models.TextField(_("why it was stopped"), blank=True)
    withdrawn_views = models.TextField(_("what happens to the views already given"), blank=True)

    took_part = models.PositiveIntegerField(_("families who took part"), null=True, blank=True)
    took_part_is_few = models.BooleanField(_("fewer than 5 took part"), default=False)
    earlier_round = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    related = models.ManyToManyField("self", blank=True)

    source_url = models.URLField(max_length=500, blank=True)
    source_page_url = models.URLField(_("its own page elsewhere"), max_length=500, blank=True)
    source_read_on = models.DateField(null=True, blank=True)
    source_dates = models.CharField(_("dates as printed"), max_length=200, blank=True)
    source_notes = models.TextField(blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    outcome_looked_on = models.DateField(null=True, blank=True)
    taken_on_on = models.DateField(_("a service took it on"), null=True, blank=True, editable=False)
    external_ids = models.JSONField(default=dict, blank=True)

    search = models.GeneratedField(
        expression=(
            SearchVector("title", config="english", weight="A")
            + SearchVector("summary", config="english", weight="B")
            + SearchVector("why_it_matters", "can_change", "service_area", config="english", weight="C")
            # The words as typed, for scripts and names that an English stem would spoil.
            + SearchVector("title", "summary", config="simple", weight="D")
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = [F("closes_on").asc(nulls_last=True), "title"]
        triggers = [keeps_words("title", "summary"), forgets_what_is_beside("consultation")]
        indexes = [
            GinIndex(F("search"), name="consultation_search"),
            # The finder: open ones, soonest first.
            models.Index("closes_on", "title", "id", name="consultation_closing", condition=PUBLISHED),
            models.Index(F("published_at").desc(), "id", name="consultation_newest", condition=PUBLISHED),
            # The ledger and "What you owe": answers that are owed. Without a condition, since PostgreSQL learns how
            # rare they are from the index, and learns nothing from a partial one.
            models.Index(_OWED_UNTIL, "answer_owed_from", name="consultation_owing"),
            models.Index(
                F("responded_on").desc(), name="consultation_answered", condition=Q(responded_on__isnull=False)
            ),
            models.Index(
                F("withdrawn_on").desc(), name="consultation_stopped", condition=Q(withdrawn_on__isnull=False)
            ),
            # The same for reports: few are standing opportunities.
            models.Index("next_report_on", name="consultation_reporting", condition=Q(next_report_on__isnull=False)),
            models.Index(OpClass("reference", name="text_pattern_ops"), name="consultation_reference"),
        ]
        constraints = [
            models.UniqueConstraint("reference", condition=~Q(reference=""), name="consultation_reference_once"),
            needs(Q(), not_blank("title"), name="consultation_has_a_title", message=_("Enter a title")),
            in_order(
                "opens_on",
                "closes_on",
                name="consultation_opens_before_it_closes",
                message=_("The closing date must be on or after the opening date"),
            ),
            needs(
                Q(closes_at__isnull=False),
                Q(closes_on__isnull=False),
                name="consultation_closing_time_has_a_day",
                message=_("Enter the closing date that goes with the closing time"),
            ),
            needs(
                _LIVE_AND_PUBLISHED,
                not_blank("summary")
                & not_blank("decided_by")
                & not_blank("contact_name")
                & ~Q(level="")
                & (_OPENED | not_blank("planned_for")),
                name="consultation_live_is_complete",
                message=_("A published consultation needs a summary, a level, who decides, a contact and its dates"),
            ),
            needs(
                _LIVE_AND_PUBLISHED & ~Q(level__in=["", ParticipationLevel.INFORMATION]),
                Q(owner__isnull=False) & not_blank("can_change") & not_blank("cannot_change"),
                name="consultation_ask_has_an_owner",
                message=_("Say what can change, what cannot, and who owns the answer"),
            ),
            needs(
                Q(record=RecordKind.PAST),
                Q(closes_on__isnull=False) & not_blank("source_url") & ~Q(outcome=""),
                name="consultation_past_has_a_source",
                message=_("A past record needs its closing day, its source and what is known of its answer"),
            ),
            needs(
                Q(record=RecordKind.LIVE),
                Q(outcome="") & Q(taken_on_on__isnull=True),
                name="consultation_live_has_no_outcome",
                message=_("Only a past record has an outcome or is taken on"),
            ),
            needs(
                Q(record=RecordKind.PAST, taken_on_on__isnull=True),
                Q(answer_owed_from__isnull=True),
                name="consultation_past_owes_when_taken_on",
                message=_("A past record owes an answer only from the day a service takes it on"),
            ),
            needs(
                Q(response_due_on__isnull=False),
                Q(answer_owed_from__isnull=False) & Q(first_due_on__isnull=False),
                name="consultation_due_is_owed",
                message=_("An answer can only be due when it is owed"),
            ),
            in_order(
                "answer_owed_from",
                "response_due_on",
                name="consultation_due_after_it_is_owed",
                message=_("The answer cannot be due before the consultation has closed"),
            ),
            needs(
                Q(answer_owed_from__isnull=False, record=RecordKind.LIVE),
                Q(closes_on__isnull=False) & Q(answer_owed_from__gt=F("closes_on")),
                name="consultation_owes_after_closing",
                message=_("An answer is owed from the day after closing"),
            ),
            needs(
                Q(next_report_on__isnull=False),
                Q(record=RecordKind.LIVE, opens_on__isnull=False, closes_on__isnull=True)
                & ~Q(level=ParticipationLevel.INFORMATION),
                name="consultation_reports_when_standing",
                message=_("Only what stays open and asks for views owes a report: take the date of the report away"),
            ),
            needs(
                Q(took_part__isnull=False),
                (Q(took_part__gte=5) | Q(took_part=0)) & Q(took_part_is_few=False),
                name="consultation_few_has_no_number",
                message=_("Do not keep a number from 1 to 4: tick “fewer than 5” instead"),
            ),
            needs(
                Q(withdrawn_on__isnull=False),
                not_blank("withdrawn_reason") & not_blank("withdrawn_views"),
                name="consultation_stopping_is_explained",
                message=_("Say why it was stopped, and what happens to the views already given"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("consultations:detail", args=[self.slug])

    @property
    def stage(self) -> Stage:
        """Its stage today."""
        return Stage(TIMELINE.of(self, today()))

    @property
    def is_past_record(self) -> bool:
        """Whether it closed before the hub listed it."""
        return self.record == RecordKind.PAST

    @property
    def is_standing(self) -> bool:
        """Whether it has no closing date: a panel, a working group."""
        return self.record == RecordKind.LIVE and self.opens_on is not None and self.closes_on is None

    @property
    def owes_an_answer(self) -> bool:
        """Whether its level owes families an answer: every level above information does (rule 4)."""
        return self.level not in ("", ParticipationLevel.INFORMATION)

    @property
    def owes_reports(self) -> bool:
        """Whether it stays open and its level owes families more than information (rule 4)."""
        return self.is_standing and self.owes_an_answer


class WayToTakePart(models.Model):
    """One way for a family to give its views, perhaps with its own last day."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="ways")
    method = models.ForeignKey("core.Method", on_delete=models.PROTECT, related_name="+")
    description = models.CharField(_("how"), max_length=300)
    url = models.URLField(_("link"), max_length=500, blank=True)
    post_by = models.DateField(_("post by"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = _("ways to take part")
        triggers = keeps_rows("consultations_consultation", "consultation_id", "ways")

    def __str__(self) -> str:
        return self.description


class SupportState(models.TextChoices):
    """Whether a kind of help is there."""

    THERE = "there", _("There on the day")
    ON_REQUEST = "on_request", _("Ask for it")
    NOT_AVAILABLE = "not_available", _("Not available")


class Support(models.Model):
    """One kind of help to take part, and whether it is there, must be asked for by a day, or is not available."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="supports")
    kind = models.ForeignKey("core.AccessSupport", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=SupportState)
    ask_by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["kind__position"]
        verbose_name_plural = _("help to take part")
        triggers = keeps_rows("consultations_consultation", "consultation_id", "supports")
        constraints = [
            models.UniqueConstraint("consultation", "kind", name="support_once"),
            needs(
                Q(state="on_request"),
                Q(ask_by__isnull=False),
                name="support_says_ask_by_when",
                message=_("Enter the last day to ask for it"),
            ),
            needs(
                ~Q(state="on_request"),
                Q(ask_by__isnull=True),
                name="support_ask_by_only_on_request",
                message=_("Only help that must be asked for has a last day to ask"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_state_display()}"


@tracked(name="DocumentHistory", exclude=("stored", "other_formats"))
class Document(models.Model):
    """A paper that goes with a consultation, in one format: kept here as a file, or linked to where it is."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=200)
    format = models.ForeignKey("core.Format", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language, if not English"), max_length=60, blank=True)
    url = models.URLField(max_length=500, blank=True)
    stored = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("The random name of the file in the data folder.")
    )
    file_type = models.CharField(_("type of file"), max_length=20, blank=True)
    size_kb = models.PositiveIntegerField(_("size in kilobytes"), null=True, blank=True)
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    other_formats = models.CharField(_("who to ask for another format"), max_length=200, blank=True)
    added_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            needs(
                Q(),
                Q(url="") & ~Q(stored="") | ~Q(url="") & Q(stored=""),
                name="document_is_here_or_elsewhere",
                message=_("Choose a file or enter a link, not both"),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """Where families find it."""
        return self.url or reverse("consultations:document", args=[self.consultation.slug, self.pk])


class DateChange(models.Model):
    """A date that moved after families had seen it: the old one, the new one, and the public reason."""

    class Which(models.TextChoices):
        """The date that moved."""

        CLOSES = "closes_on", _("Closing date")
        DUE = "response_due_on", _("Answer due")

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="date_changes")
    which = models.CharField(max_length=20, choices=Which)
    was = models.DateField()
    now = models.DateField()
    reason = models.CharField(max_length=300)
    changed_on = models.DateField()

    class Meta:
        ordering = ["changed_on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_which_display()}: {self.was} to {self.now}"


track_lists(Consultation, "topics", "audiences", "areas", "partners", "related", "ways", "supports")

# Django looks for an app's tables here; those of events, of the plan and others stand in folders of their own
# (docs/decisions/0009).
from consultations.events import models as _events  # noqa: E402
from consultations.help import models as _help  # noqa: E402, F401
from consultations.plan import models as _plan  # noqa: E402
from consultations.writing import models as _writing  # noqa: E402
