"""Lists that staff can edit, the words of searches, and what an import remembers of each row."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from core.constraints import in_order, needs, not_blank
from core.fetching import Why
from core.history import tracked
from core.vocabulary import keeps_words


class TermQuerySet(models.QuerySet):
    """Reads of a list of terms."""

    def in_use(self):
        """The terms people can still choose."""
        return self.filter(retired_on__isnull=True)


class Term(models.Model):
    """One entry of a list that staff can edit. Its key never changes; its label may."""

    key = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=120)
    short_label = models.CharField(max_length=40, blank=True)
    help = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """The label where there is little room."""
        return self.short_label or self.label


class Topic(Term):
    """What a consultation is about."""


class Audience(Term):
    """Which families it is for."""


class Area(Term):
    """A part of the county: a district, a locality, or all of it. Set up by each council."""


class Method(Term):
    """A way of asking: online survey, drop-in, phone call."""

    offline = models.BooleanField(default=False, help_text=_("People can take part without the internet."))
    without_voice = models.BooleanField(default=True, help_text=_("People can take part without a voice call."))


class AccessSupport(Term):
    """Help to take part: an interpreter, childcare, travel costs."""


class Format(Term):
    """A form that a document comes in: easy read, large print, another language."""


@tracked(name="SchoolTermHistory")
class SchoolTerm(models.Model):
    """A stretch of days on which schools are open, first and last day included; each half of a term is one.

    A holiday is what lies between two of them. So staff copy the dates from
    the council's own page, and nothing has to be taken away from anything.
    """

    name = models.CharField(_("name"), max_length=80, help_text=_("Such as “Autumn term 2026, first half”."))
    starts_on = models.DateField(_("first day of school"))
    ends_on = models.DateField(_("last day of school"))

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            needs(models.Q(), not_blank("name"), name="term_has_a_name", message=_("Enter a name")),
            in_order(
                "starts_on",
                "ends_on",
                name="term_starts_before_it_ends",
                message=_("The last day of school must be on or after the first day"),
            ),
            ExclusionConstraint(
                name="term_days_are_in_one_term",
                expressions=[
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="DATERANGE", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    )
                ],
                violation_error_message=_("Some of these days are in another term. Change one of the two"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked(name="PreElectionPeriodHistory")
class PreElectionPeriod(models.Model):
    """The weeks before an election in which councils take care what they publish, first and last day included."""

    name = models.CharField(_("name"), max_length=80, help_text=_("Such as “County council election, May 2029”."))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), help_text=_("Usually the day of the election."))

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            needs(models.Q(), not_blank("name"), name="pre_election_has_a_name", message=_("Enter a name")),
            in_order(
                "starts_on",
                "ends_on",
                name="pre_election_starts_before_it_ends",
                message=_("The last day must be on or after the first day"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked(
    name="HubFactsHistory",
    exclude=(
        *("fis_phone", "fis_email", "council_phone", "council_email", "children_services_phone"),
        *("privacy_name", "privacy_email", "privacy_phone"),
    ),
)
class HubFacts(models.Model):
    """What staff typed of the council's names and contacts: one row at most. An empty one leaves it to the environment.

    Read it through `core.facts`, which knows what counts.
    """

    name = models.CharField(_("name of the site"), max_length=100, blank=True)
    council_name = models.CharField(_("name of the council"), max_length=150, blank=True)
    fis_name = models.CharField(_("name of the service"), max_length=150, blank=True)
    fis_phone = models.CharField(_("phone of the service"), max_length=40, blank=True)
    fis_email = models.EmailField(_("e-mail of the service"), blank=True)
    council_phone = models.CharField(_("phone of the council"), max_length=40, blank=True)
    council_email = models.EmailField(_("e-mail of the council"), blank=True)
    children_services_name = models.CharField(_("who to ring about a child"), max_length=150, blank=True)
    children_services_phone = models.CharField(_("number to ring about a child"), max_length=40, blank=True)
    complaints_url = models.URLField(_("where to complain"), blank=True)
    privacy_name = models.CharField(_("who answers for privacy"), max_length=150, blank=True)
    privacy_email = models.EmailField(_("e-mail about privacy"), blank=True)
    privacy_phone = models.CharField(_("phone about privacy"), max_length=40, blank=True)
    only = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name_plural = "hub facts"
        constraints = [
            models.UniqueConstraint("only", name="hub_facts_once"),
            models.CheckConstraint(condition=Q(only=True), name="hub_facts_is_the_only_one"),
        ]

    def __str__(self) -> str:
        return self.name or self.council_name or "?"


@tracked(name="ClosureHistory")
class Closure(models.Model):
    """A time in which the hub is not open to the public: from when it was made, or shut again, until it was opened."""

    closed_on = models.DateField(_("closed on"))
    reason = models.CharField(
        _("why it is closed"), max_length=300, blank=True, help_text=_("Empty for a new hub that never was open.")
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "opened_on", condition=Q(opened_on=None), name="closure_one_at_a_time", nulls_distinct=False
            ),
            in_order(
                "closed_on",
                "opened_on",
                name="closure_in_order",
                message=_("The hub cannot be opened before it was closed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.closed_on} - {self.opened_on or '?'}"


class TermAlias(models.Model):
    """How a source prints a term of ours. An alias with no `key` is queued until a person says what it means."""

    vocabulary = models.CharField(max_length=20)
    printed = models.CharField(max_length=200, help_text=_("As printed by the source, in lower case."))
    key = models.SlugField(max_length=60, blank=True)
    seen = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "term aliases"
        constraints = [models.UniqueConstraint("vocabulary", "printed", name="term_alias_once")]

    def __str__(self) -> str:
        return f"{self.printed}: {self.key or '?'}"


class SearchWord(models.Model):
    """A word that stands in something families can search; a mistyped search is matched against these."""

    word = models.TextField(primary_key=True)

    class Meta:
        indexes = [GinIndex(OpClass("word", name="gin_trgm_ops"), name="core_searchword_trigrams")]

    def __str__(self) -> str:
        return self.word


class SynonymQuerySet(models.QuerySet):
    """Reads of words that mean the same."""

    def in_use(self):
        """The groups that searches use."""
        return self.filter(retired_on__isnull=True)


@tracked(name="SynonymHistory")
class Synonym(models.Model):
    """Words and phrases that mean the same to a parent: a search for one finds what says another.

    `key` names a group that every hub starts with; one that staff added has none.
    """

    key = models.SlugField(max_length=60, unique=True, null=True, editable=False)  # noqa: DJ001, many have none
    words = ArrayField(models.CharField(max_length=60), verbose_name=_("words that mean the same"))
    retired_on = models.DateField(null=True, blank=True, editable=False)

    objects = SynonymQuerySet.as_manager()

    class Meta:
        ordering = ["words", "pk"]
        triggers = [keeps_words("words", text="array_to_string(NEW.words, ' ')")]
        constraints = [
            needs(
                Q(), Q(words__len__gte=2), name="synonym_has_two_words", message=_("Enter two or more words or phrases")
            )
        ]

    def __str__(self) -> str:
        return ", ".join(self.words)


class Forgotten(models.Model):
    """How many rows of one kind went on a day because their time was over (core/retention.py). A count, no more."""

    day = models.DateField()
    what = models.SlugField(max_length=40)
    rows = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "forgotten"
        ordering = ["-day", "what"]
        constraints = [models.UniqueConstraint("day", "what", name="forgotten_once")]

    def __str__(self) -> str:
        return f"{self.what}, {self.day}: {self.rows}"


class FruitlessSearchQuerySet(models.QuerySet):
    """Reads of searches that found nothing."""

    def shown(self):
        """Those that were made on enough days for their words to be kept, the most asked first."""
        return self.exclude(words="").order_by("-days", "words")


class FruitlessSearch(models.Model):
    """A search that found nothing (core/fruitless.py). `words` is empty until it was made on enough different days."""

    mark = models.CharField(max_length=64, unique=True)
    words = models.CharField(max_length=50, blank=True)
    days = models.PositiveIntegerField(default=1, help_text=_("On how many different days it was made."))
    last_on = models.DateField(db_index=True)

    objects = FruitlessSearchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "fruitless searches"

    def __str__(self) -> str:
        return self.words or "?"


class HeldFor(models.TextChoices):
    """Why an imported row waits for a person."""

    NEEDS_DATES = "needs_dates", _("needs dates")
    NEEDS_RULE = "needs_rule", _("how it repeats is not clear")
    NOT_A_CONSULTATION = "not_a_consultation", _("not a consultation")
    POSSIBLE_DUPLICATE = "possible_duplicate", _("possible duplicate")
    CONFLICT = "conflict", _("mended here, and changed in the source")
    NO_CONSULTATION = "no_consultation", _("its consultation is not in the hub")
    NO_CHANGE = "no_change", _("what changed is not said")


class ImportedRowQuerySet(models.QuerySet):
    """Reads of what imports remember."""

    def held(self):
        """The rows that wait for a person."""
        return self.exclude(held_for="").filter(left_out_on__isnull=True)

    def left_out(self):
        """The rows of which a person said that they stay out."""
        return self.filter(left_out_on__isnull=False)


class ImportedRow(models.Model):
    """What an import remembers of one row of a source: its hash, and why it is held if it is.

    An unchanged row has the same hash and changes nothing. `row` is the row as
    it came, so that a held one can be shown and taken later, and a field
    mended in the hub can be told from one that the source changed.
    """

    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    source_hash = models.CharField(max_length=64)
    row = models.JSONField()
    held_for = models.CharField(max_length=20, blank=True, choices=HeldFor)
    held_note = models.CharField(max_length=500, blank=True)
    twin = models.CharField(max_length=200, blank=True, help_text=_("The reference of the row it may repeat."))
    left_out_on = models.DateField(
        null=True, blank=True, help_text=_("Somebody looked, and it stays out until the source says something else.")
    )
    left_out_by = models.BigIntegerField(null=True, editable=False, help_text=_("Who said so, by number."))
    first_seen_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ImportedRowQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "reference"]
        constraints = [
            models.UniqueConstraint("kind", "reference", name="imported_row_once"),
            needs(
                Q(left_out_on__isnull=False),
                ~Q(held_for=""),
                name="imported_row_left_out_was_held",
                message=_("Only a row that waited can be left out"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class LinkQuerySet(models.QuerySet):
    """Reads of links to other sites."""

    def broken(self):
        """Those that did not work on enough different days in a row."""
        return self.filter(broken_since__isnull=False)


class Link(models.Model):
    """An address of another site that our pages show, and what became of it when last tried (core/links.py)."""

    url = models.CharField(max_length=500, unique=True)
    checked_at = models.DateTimeField(null=True, blank=True, db_index=True)
    code = models.PositiveSmallIntegerField(null=True, help_text=_("What the site answered."))
    why = models.CharField(max_length=20, blank=True, choices=Why, help_text=_("Why there was no answer."))
    bad_days = models.PositiveSmallIntegerField(
        default=0, help_text=_("On how many different days in a row it failed.")
    )
    last_bad_on = models.DateField(null=True, blank=True)
    broken_since = models.DateField(null=True, blank=True, db_index=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["broken_since", "url"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bad_days=0, last_bad_on=None, broken_since=None)
                | Q(bad_days__gt=0, last_bad_on__isnull=False),
                name="link_fails_on_days",
            )
        ]

    def __str__(self) -> str:
        return self.url


class LinkUse(models.Model):
    """A record whose page shows a link, by kind and number: floors above know what it is."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="uses")
    kind = models.CharField(max_length=20)
    record_id = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("link", "kind", "record_id", name="link_use_once")]
        indexes = [models.Index("kind", "record_id", name="link_use_of_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class PreviewLinkQuerySet(models.QuerySet):
    """Reads of links to previews."""

    def about(self, record):
        """Those to one record."""
        return self.filter(kind=record._meta.model_name, record=record.pk)

    def working(self, now):
        """Those that open something at a moment."""
        return self.filter(ended_at__isnull=True, runs_out_at__gt=now)


class PreviewLink(models.Model):
    """A link that shows one draft to whoever holds it, for some days and without an account (core/previews.py).

    The link itself is not kept: it is signed anew from the row, so that nobody
    who reads the table can open a draft with it.
    """

    kind = models.CharField(max_length=20, help_text=_("What it shows: a consultation, an event."))
    record = models.BigIntegerField(help_text=_("Which one, by its number."))
    nonce = models.CharField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True, help_text=_("Who made it, by number."))
    runs_out_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index("kind", "record", name="core_previewlink_record")]
        constraints = [
            in_order(
                "made_at", "runs_out_at", name="previewlink_runs_out", message=_("A link runs out after it was made")
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


class ImportRun(models.Model):
    """A file that somebody brings in through the browser: first shown, then taken in exactly as it was shown.

    How far it has got is read from its moments. `digest` stands for what would
    become of every row; taking in stops when it comes out differently.
    """

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120, blank=True)
    stored = models.CharField(max_length=64, help_text=_("The random name of the file in the data folder."))
    sha256 = models.CharField(max_length=64)
    read_on = models.DateField()
    made_by = models.BigIntegerField(null=True, help_text=_("Who brought it, by number."))
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    unknown_columns = ArrayField(models.TextField(), default=list, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    went_another_way = models.PositiveIntegerField(
        default=0, help_text=_("How many rows came out differently when it was to be taken in.")
    )
    rejected = models.CharField(max_length=64, blank=True, help_text=_("The file of rejected rows."))
    asked_by = models.BigIntegerField(null=True, help_text=_("Who said to take it in, by number."))
    asked_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            needs(
                models.Q(asked_at__isnull=False),
                models.Q(checked_at__isnull=False),
                name="importrun_is_shown_first",
                message=_("A file is shown before it is taken in"),
            ),
            needs(
                models.Q(applied_at__isnull=False),
                models.Q(asked_at__isnull=False),
                name="importrun_is_asked_for",
                message=_("A file is taken in when somebody says so"),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name or self.kind

    @property
    def is_busy(self) -> bool:
        """Whether the hub is at work on it, or about to be."""
        return not self.failed_at and not self.applied_at and (not self.checked_at or self.asked_at is not None)

    @property
    def can_be_applied(self) -> bool:
        """Whether it was shown, has something to take in, and waits for somebody to say so."""
        some = any(self.counts.get(name) for name in ("created", "updated", "held"))
        return bool(self.checked_at and not self.asked_at and not self.failed_at and some)


class ImportRunRow(models.Model):
    """What would become of one row of a file, as it was shown."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10)
    title = models.CharField(max_length=120, blank=True)
    column = models.TextField(blank=True)
    words = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["line"]
        indexes = [models.Index("run", "verdict", "line", name="core_importrunrow_shown")]
        constraints = [models.UniqueConstraint("run", "line", name="importrunrow_once")]

    def __str__(self) -> str:
        return f"{self.line}: {self.verdict}"


class ListChange(models.Model):
    """One thing was put into a list of a record, or taken out of it: a topic, an area, a way to take part.

    Written by triggers on the tables of the lists (core/history.py), read by
    core/pasts.py beside the earlier versions of the record itself.
    """

    of = models.CharField(max_length=63, help_text=_("The table of the record."))
    record_id = models.BigIntegerField()
    name = models.CharField(max_length=63, help_text=_("The list."))
    added = models.BooleanField(help_text=_("False: it was taken out."))
    item = models.JSONField(help_text=_("The id of a term, or the columns of a row."))
    at = models.DateTimeField()
    context = models.ForeignKey(
        "pghistory.Context",
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index("of", "record_id", "at", name="core_listchange_record"),
            models.Index("at", name="core_listchange_at"),
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.record_id}: {self.name}"
