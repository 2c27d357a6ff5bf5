"""Consultations of other councils' pages, brought in as past records (DESIGN section 4, real rows).

A row with an exact closing day that has gone by becomes a published past
record. Every other row is held, with the reason, and kept as it came.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, time
from functools import cache
from importlib import import_module
from itertools import permutations
from pathlib import Path

import yaml
from django import forms
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import add_organisation
from accounts.models import Organisation, OrganisationKind
from consultations.models import Consultation, Outcome, RecordKind
from core.dates import day_words
from core.imports import (
    READ_ON,
    Cells,
    Change,
    Facts,
    FileRefused,
    Held,
    Importer,
    Rejected,
    by_what_changed,
    one_line,
    register,
    shown,
)
from core.models import Audience, HeldFor, TermAlias, Topic
from core.publishing import publish_now

# What pages list that asks families something; anything else is held, "not a consultation".
ASKING_KINDS = ("consultation", "survey", "statutory notice", "call for evidence")

# Typed by a person who looked: the row is not the same as the one with this reference.
NOT_TWIN = "not_twin"

ALIASES = Path(__file__).with_name("aliases.yaml")


# --- One row


def web_address(**kwargs) -> forms.URLField:
    """A link to a page; the hub never links to anything but web pages."""
    field = forms.URLField(assume_scheme="https", max_length=500, **kwargs)
    field.validators = [each for each in field.validators if not isinstance(each, URLValidator)]
    field.validators.append(URLValidator(schemes=["http", "https"], message=_NOT_A_LINK))
    field.error_messages["invalid"] = _NOT_A_LINK
    return field


_NOT_A_LINK = gettext_lazy("this is not the address of a web page")


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class PrintedDay(forms.DateField):
    """A day as the file writes it: 2021-03-31."""

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], required=False, **kwargs)

    def to_python(self, value):
        """The day; anything else is refused with what was found."""
        try:
            # As nearly every file writes it, at a tenth of the cost.
            day = date.fromisoformat(value) if _ISO_DAY.fullmatch(value or "") else super().to_python(value)
        except (ValueError, forms.ValidationError):
            raise forms.ValidationError(_("%(found)s is not a day like 2021-03-31") % {"found": shown(value)}) from None
        if day and not 1900 <= day.year <= 2100:
            raise forms.ValidationError(_("%(found)s is not in this or the last century") % {"found": shown(value)})
        return day


class PrintedCount(forms.CharField):
    """How many took part: a number, perhaps with commas, or "fewer than 5". Gives back the number, or "few"."""

    def to_python(self, value):
        """The count; 1 to 4 is only ever "few" (DESIGN rule 9)."""
        printed = (super().to_python(value) or "").casefold()
        if not printed:
            return None
        if printed in ("fewer than 5", "less than 5", "<5"):
            return FEW
        digits = printed.replace(",", "")
        if not re.fullmatch(r"[0-9]{1,9}", digits):
            raise forms.ValidationError(_("%(found)s is not a number of people") % {"found": shown(value)})
        return FEW if 1 <= int(digits) <= 4 else int(digits)


FEW = "few"


class RowForm(forms.Form):
    """The checks that rows of any kind share: how to turn what is wrong into one reason."""

    def _clean_fields(self):
        """Each cell by its field. A page's boxes, which a form makes first, would take as long as the checks."""
        for name, field in self.fields.items():
            try:
                self.cleaned_data[name] = field.clean(self.data.get(name))
                if hasattr(self, f"clean_{name}"):
                    self.cleaned_data[name] = getattr(self, f"clean_{name}")()
            except forms.ValidationError as problem:
                self.add_error(name, problem)

    def problem(self) -> Rejected:
        """What is wrong, as the first column that is and everything to mend."""
        columns = list(self.errors)
        words = [
            text if position == 0 else f"{name}: {text}"
            for position, name in enumerate(columns)
            for text in self.errors[name]
        ]
        return Rejected(columns[0] if columns[0] != "__all__" else "", "; ".join(one_line(str(text)) for text in words))


def for_many_rows(form: type[RowForm]) -> type[RowForm]:
    """Let every row's form use the same fields, with words for a report.

    Copying the fields for each row would take half the time of an import.
    """
    for field in form.base_fields.values():
        field.error_messages["required"] = gettext_lazy("the cell is empty")
        field.error_messages["invalid_choice"] = gettext_lazy("“%(value)s” is not a word for it that we know")
        for validator in field.validators:
            if isinstance(validator, MaxLengthValidator):
                validator.message = gettext_lazy("the cell is longer than %(limit_value)d characters")
    form.base_fields = _Shared(form.base_fields)
    return form


class _Shared(dict):
    """Fields that are not copied. Checking a row never changes them."""

    def __deepcopy__(self, memo):
        return self


@for_many_rows
class PastRecordForm(RowForm):
    """A row of consultations, checked like a listing that somebody types in."""

    reference = forms.CharField(max_length=200)
    title = forms.CharField(max_length=250)
    organisation = forms.CharField(max_length=200)
    service_area = forms.CharField(max_length=120, required=False)
    record_kind = forms.CharField(max_length=60)
    summary = forms.CharField(required=False)
    raw_dates = forms.CharField(max_length=200, required=False)
    opens = PrintedDay()
    closes = PrintedDay()
    url = web_address(required=False)
    audience = forms.CharField(required=False)
    topics = forms.CharField(required=False)
    response_published = forms.ChoiceField(choices=[(each, each) for each in ("yes", "no", "unknown")])
    response_published_on = PrintedDay()
    responses_received = PrintedCount(required=False)
    possible_duplicate_of = forms.CharField(max_length=200, required=False)
    source_url = web_address()
    notes = forms.CharField(required=False)
    read_on = PrintedDay()

    def clean(self):
        """Rules between columns."""
        said = self.cleaned_data
        opens, closes = said.get("opens"), said.get("closes")
        if opens and closes and opens > closes:
            self.add_error("closes", _("the closing day is before the opening day"))
        if said.get("response_published_on") and said.get("response_published") in ("no", "unknown"):
            self.add_error("response_published", _("an answer with a date is printed, so this must be “yes”"))
        return said


# --- Printed times

_CLOSING_WORDS = re.compile(
    r"\b(?:until|till|by|to|and|ends?|ended|deadline|clos(?:es|ed|ing|e))\b|\s-\s|[–—]", re.IGNORECASE
)
_TIME = re.compile(
    r"\b(?:(?P<noon>(?:12\s*)?(?:noon|midday))|(?P<midnight>(?:12\s*)?midnight)"
    r"|(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-5][0-9]))?\s*(?P<half>[ap])\.?m\b\.?"
    r"|(?P<hour24>[01]?[0-9]|2[0-3]):(?P<minute24>[0-5][0-9]))",
    re.IGNORECASE,
)
_NOTED = re.compile(r"\bclos(?:es|ed|ing)\s+at\s+(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


def closing_time(raw_dates: str, notes: str = "") -> time | None:
    """The time of day at which it closes, as printed: "until 12pm on Wednesday" closes at noon.

    Only a time after the last word that speaks of the end counts, or a note
    that says "closes at". Midnight is read as the end of the closing day,
    which counts in full anyway, so it is no time of its own.
    """
    words = list(_CLOSING_WORDS.finditer(raw_dates))
    found = _TIME.search(raw_dates, words[-1].end()) if words else None
    if found is None and (noted := _NOTED.search(notes)):
        found = _TIME.match(noted["rest"])
    if found is None or found["midnight"]:
        return None
    if found["noon"]:
        return time(12, 0)
    if found["hour24"]:
        at = time(int(found["hour24"]), int(found["minute24"]))
    else:
        hour = int(found["hour"])
        if not 1 <= hour <= 12:
            return None
        at = time(hour % 12 + (12 if found["half"].lower() == "p" else 0), int(found["minute"] or 0))
    return None if at in (time(0, 0), time(23, 59)) else at


# --- Names in other lists


def name_key(name: str) -> str:
    """A name as it is compared: without regard to case and spaces."""
    return one_line(name).casefold()


class Organisations:
    """Organisations by the name that a file prints; one that is not there is added when it is needed."""

    def __init__(self, by, kind_of: Callable[[str], OrganisationKind] = lambda name: OrganisationKind.COUNCIL):
        """`kind_of` says what kind of body a new one is, from its name."""
        self._by, self._kind_of = by, kind_of
        self._ids: dict[str, int] = {}
        # Of two with one name, the one at the top of the tree is meant.
        top_last = Organisation.objects.order_by(F("parent").asc(nulls_last=True), "-pk")
        for pk, name in top_last.values_list("pk", "name"):
            self._ids[name_key(name)] = pk

    def id_of(self, name: str) -> int:
        """The organisation with this name, added when the hub has none."""
        key = name_key(name)
        if key not in self._ids:
            name = one_line(name)
            added = add_organisation(by=self._by, name=name, kind=self._kind_of(name))
            self._ids[key] = added.pk
        return self._ids[key]


@cache
def _alias_file() -> dict:
    return yaml.safe_load(ALIASES.read_text(encoding="utf-8"))


class Terms:
    """One list of ours, found by what a file prints: staff's aliases first, then the alias file, then label and key."""

    def __init__(self, vocabulary: str, model, aliases: dict[str, str] | None = None):
        """`aliases` are those of another file than this app's, by what is printed."""
        self.vocabulary = vocabulary
        self.ids = dict(model.objects.values_list("key", "pk"))
        self._keys = {label.casefold(): key for key, label in model.objects.values_list("key", "label")}
        self._keys |= {key: key for key in self.ids}
        self._keys |= (_alias_file().get(vocabulary) or {}) if aliases is None else aliases
        answered = TermAlias.objects.filter(vocabulary=vocabulary).exclude(key="")
        self._keys |= dict(answered.values_list("printed", "key"))

    def keys(self, printed: str) -> frozenset[str]:
        """The keys of the terms in a cell."""
        found = {self._keys.get(term, "") for term in printed_terms(printed)}
        return frozenset(found.intersection(self.ids))

    def keys_within(self, text: str) -> frozenset[str]:
        """The keys of the terms that stand somewhere in a text, as whole words."""
        words = one_line(text).replace("’", "'").casefold()
        found = {
            key
            for printed, key in self._keys.items()
            if printed in words and re.search(rf"(?<!\w){re.escape(printed)}(?!\w)", words)
        }
        return frozenset(found.intersection(self.ids))

    def unknown(self, printed: str) -> list[str]:
        """The terms in a cell that no list of ours has."""
        return [term for term in printed_terms(printed) if self._keys.get(term) not in self.ids]

    def queue(self, cells: list[str], *, seen_before: bool = False) -> None:
        """Put the unknown terms of these cells before a person, and count how often each was seen."""
        counts = Counter(term[:200] for cell in cells for term in self.unknown(cell))
        if not counts:
            return
        known = {each.printed: each for each in self._queued().filter(printed__in=list(counts))}
        TermAlias.objects.bulk_create(
            TermAlias(vocabulary=self.vocabulary, printed=term, seen=number)
            for term, number in counts.items()
            if term not in known
        )
        if not seen_before and known:
            for term, alias in known.items():
                alias.seen += counts[term]
            TermAlias.objects.bulk_update(known.values(), ["seen"])

    def _queued(self):
        return TermAlias.objects.filter(vocabulary=self.vocabulary)


def printed_terms(cell: str) -> list[str]:
    """The terms of a cell, in lower case, each once; they stand between semicolons."""
    terms = (one_line(term).replace("’", "'").casefold() for term in cell.split(";"))
    return list(dict.fromkeys(term for term in terms if term))


# --- The importer


@register
class ConsultationImporter(Importer):
    """Rows of consultations, as past records."""

    kind = "consultations"
    columns = (
        "reference", "title", "organisation", "service_area", "record_kind", "summary", "raw_dates", "opens", "closes",
        "url", "audience", "topics", "response_published", "response_published_on", "raw_response_date",
        "responses_received", "status_basis", "possible_duplicate_of", "retrieved_as", "source_url", "notes",
    )  # fmt: skip
    optional = ("related_to",)

    # Facts that are not columns of the same name.
    COLUMNS = {
        "opens_on": "opens",
        "closes_on": "closes",
        "closes_at": "raw_dates",
        "source_dates": "raw_dates",
        "source_notes": "notes",
        "source_page_url": "url",
        "outcome": "response_published",
        "outcome_looked_on": "response_published",
        "responded_on": "response_published_on",
        "responded_exactly": "response_published_on",
        "took_part": "responses_received",
        "took_part_is_few": "responses_received",
        "audiences": "audience",
    }
    LISTS = ("topics", "audiences")

    def __init__(self, *, by, today: date, read_on: date):
        super().__init__(by=by, today=today, read_on=read_on)
        if read_on > today:
            words = _("The day the pages were read, %(day)s, has not come yet.")
            raise FileRefused(words % {"day": day_words(read_on, today)})
        self.organisations = Organisations(by)
        self.terms = {"topics": Terms("topics", Topic), "audiences": Terms("audiences", Audience)}
        self.here: dict[str, Consultation] = {}
        self._lists: dict[str, dict[int, set[str]]] = {}
        self._to_relate: list[tuple[str, ...]] = []

    # Judging

    def reference(self, cells: Cells) -> str:
        """The source's own reference."""
        reference = one_line(cells["reference"])
        if not reference:
            raise Rejected("reference", _("the row has no reference"))
        if len(reference) > 200:
            raise Rejected("reference", _("the reference is longer than 200 characters"))
        return reference

    def look_up(self, rows: dict[str, Cells]) -> None:
        """The consultations with these references, and their topics and audiences."""
        found = Consultation.objects.filter(reference__in=list(rows)).select_related("organisation").defer("search")
        self.here = {each.reference: each for each in found}
        ids = [each.pk for each in self.here.values()]
        self._lists = {name: defaultdict(set) for name in self.LISTS}
        for name in self.LISTS if ids else ():
            term = name.removesuffix("s")
            rows_of = getattr(Consultation, name).through.objects.filter(consultation__in=ids)
            for pk, key in rows_of.values_list("consultation_id", f"{term}__key"):
                self._lists[name][pk].add(key)

    def facts(self, cells: Cells) -> Facts:
        """What the row says, checked."""
        form = PastRecordForm(cells)
        if not form.is_valid():
            raise form.problem()
        said = form.cleaned_data
        closes = said["closes"]
        count = said["responses_received"]
        return {
            "title": one_line(said["title"]),
            "organisation": name_key(said["organisation"]),
            "service_area": one_line(said["service_area"]),
            "summary": said["summary"],
            "opens_on": said["opens"],
            "closes_on": closes,
            "closes_at": closing_time(said["raw_dates"], said["notes"]) if closes else None,
            "source_dates": one_line(said["raw_dates"]),
            "source_notes": said["notes"],
            "source_url": said["source_url"],
            "source_page_url": said["url"],
            "took_part": None if count == FEW else count,
            "took_part_is_few": count == FEW,
            "topics": self.terms["topics"].keys(cells["topics"]),
            "audiences": self.terms["audiences"].keys(cells["audience"]),
            **self._outcome(said, said["read_on"] or self.read_on),
        }

    def _outcome(self, said: dict, read_on: date) -> Facts:
        """What is known of the answer: found, looked for and not found, or not looked for."""
        answer, answered_on = said["response_published"], said["response_published_on"]
        if read_on > self.today:
            raise Rejected(READ_ON, _("the day the page was read has not come yet"))
        if answered_on and answered_on > self.today:
            raise Rejected("response_published_on", _("an answer cannot have been published on a day to come"))
        if answer == "no" and said["closes"] and read_on <= said["closes"]:
            answer = "unknown"  # the page was read while it was still open: nobody has looked for an answer
        outcome = {"yes": Outcome.FOUND, "no": Outcome.NOT_FOUND, "unknown": Outcome.NOT_LOOKED}[answer]
        return {
            "outcome": str(outcome),
            "outcome_looked_on": read_on if outcome == Outcome.NOT_FOUND else None,
            # Only a month, or no date at all, is printed: it was answered by the day the page was read.
            "responded_on": (answered_on or read_on) if outcome == Outcome.FOUND else None,
            "responded_exactly": outcome != Outcome.FOUND or answered_on is not None,
        }

    def why_held(self, cells: Cells, facts: Facts) -> Held | None:
        """Not a consultation, perhaps there already, without an exact closing day, or still open."""
        kind = name_key(cells["record_kind"])
        twin = one_line(cells["possible_duplicate_of"])
        if kind not in ASKING_KINDS:
            return Held(HeldFor.NOT_A_CONSULTATION, "record_kind", _("the page shows a %(kind)s") % {"kind": kind})
        if twin and twin != cells.get(NOT_TWIN):
            note = _("it may be the same as %(twin)s") % {"twin": twin}
            return Held(HeldFor.POSSIBLE_DUPLICATE, "possible_duplicate_of", note, twin)
        closes = facts["closes_on"]
        if closes is None:
            note = _("no dates are printed")
            if facts["source_dates"]:
                note = _("no exact closing day in %(dates)s") % {"dates": shown(facts["source_dates"])}
            return Held(HeldFor.NEEDS_DATES, "closes", note)
        if closes >= self.today:
            note = _("it is open until %(day)s: its service lists it here, or it is brought in after it has closed")
            return Held(HeldFor.NEEDS_DATES, "closes", note % {"day": day_words(closes, self.today)})
        return None

    def held_facts(self, reference: str) -> Facts | None:
        """What the hub says of the consultation now."""
        here = self.here.get(reference)
        if here is None:
            return None
        plain = {
            name: getattr(here, name)
            for name in (
                "title", "service_area", "summary", "opens_on", "closes_on", "closes_at", "source_dates",
                "source_notes", "source_url", "source_page_url", "took_part", "took_part_is_few", "outcome",
                "outcome_looked_on", "responded_on", "responded_exactly",
            )
        }  # fmt: skip
        lists = {name: frozenset(self._lists[name][here.pk]) for name in self.LISTS}
        return plain | lists | {"organisation": name_key(here.organisation.name)}

    def out_of_reach(self, reference: str) -> str:
        """A live listing, and one that was thrown away, belong to the people here."""
        here = self.here[reference]
        if here.record == RecordKind.LIVE:
            return _("the hub lists it as a live consultation of its own")
        if here.deleted_at:
            return _("it was thrown away here")
        return ""

    def carried_over(self, facts: Facts, before: Facts) -> Facts:
        """An answer found without a date was there by the first day that somebody saw it."""
        seen = before.get("responded_on")
        if seen and not before["responded_exactly"] and facts["responded_on"] and not facts["responded_exactly"]:
            return facts | {"responded_on": min(seen, facts["responded_on"])}
        return facts

    def column_of(self, fact: str) -> str:
        """The column that a fact comes from."""
        return self.COLUMNS.get(fact, fact)

    # Writing

    def prepare(self, changes: list[Change]) -> None:
        """Add the organisations that the hub does not have yet."""
        for change in changes:
            self.organisations.id_of(change.row.cells["organisation"])

    def create(self, changes: list[Change]) -> None:
        """Publish new past records."""
        slugs = Slugs([change.reference for change in changes])
        made = []
        for change in changes:
            record = Consultation(
                record=RecordKind.PAST, reference=change.reference, slug=slugs.free_for(change.reference)
            )
            self._set(record, change, change.facts)
            publish_now(record)
            made.append(record)
        Consultation.objects.bulk_create(made)
        for name in self.LISTS:
            self._link(name, made, changes)
            self.terms[name].queue([change.row.cells[self.column_of(name)] for change in changes])
        self._to_relate += [pair for change in changes for pair in self._related_to(change)]

    def update(self, changes: list[Change]) -> None:
        """Write the facts that changed, and no others."""
        for changed, group in by_what_changed(changes):
            records = [self.here[change.reference] for change in group]
            for record, change in zip(records, group, strict=True):
                self._set(record, change, changed)
                record.version += 1
                record.changed_at = timezone.now()
            plain = {name for name in changed if name not in self.LISTS}
            Consultation.objects.bulk_update(records, [*plain, "source_read_on", "version", "changed_at"])
            for name in changed.intersection(self.LISTS):
                through = getattr(Consultation, name).through
                through.objects.filter(consultation__in=records).delete()
                self._link(name, records, group)
        for name in self.LISTS:
            self.terms[name].queue([each.row.cells[self.column_of(name)] for each in changes], seen_before=True)

    def _set(self, record: Consultation, change: Change, names) -> None:
        for name in names:
            if name == "organisation":
                record.organisation_id = self.organisations.id_of(change.row.cells["organisation"])
            elif name not in self.LISTS:
                setattr(record, name, change.facts[name])
        record.source_read_on = _day(change.row.cells.get(READ_ON)) or self.read_on

    def _link(self, name: str, records: list[Consultation], changes: list[Change]) -> None:
        table = getattr(Consultation, name).through._meta.db_table
        ids = self.terms[name].ids
        pairs = [
            (record.pk, ids[key])
            for record, change in zip(records, changes, strict=True)
            for key in sorted(change.facts[name])
        ]
        # Two columns of numbers: as objects, they would take a quarter of the time of an import.
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (consultation_id, {name.removesuffix('s')}_id)"
                " SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
                [[one for one, _other in pairs], [other for _one, other in pairs]],
            )

    # Relating

    def _related_to(self, change: Change) -> list[tuple[str, ...]]:
        """The exercises that this row is one record of: from the alias file, and from its own cell."""
        listed = [tuple(group) for group in _alias_file()["related"] if change.reference in group]
        own = [one_line(other) for other in change.row.cells.get("related_to", "").split(";") if other.strip()]
        return listed + ([(change.reference, *own)] if own else [])

    def finish(self) -> None:
        """Relate the records of joint exercises, as far as they have arrived."""
        references = {reference for group in self._to_relate for reference in group}
        ids = dict(Consultation.objects.filter(reference__in=references).values_list("reference", "pk"))
        through = Consultation.related.through
        pairs = {pair for group in self._to_relate for pair in permutations([ids[r] for r in group if r in ids], 2)}
        through.objects.bulk_create(
            [through(from_consultation_id=one, to_consultation_id=other) for one, other in sorted(pairs)],
            ignore_conflicts=True,
        )


class Slugs:
    """Addresses for new records, made from their references, so that a record brought in again has the same one."""

    def __init__(self, references: list[str], model=Consultation):
        wanted = {each for reference in references for each in (_plain(reference), _told_apart(reference))}
        self._taken = set(model.objects.filter(slug__in=wanted).values_list("slug", flat=True))

    def free_for(self, reference: str) -> str:
        """The address of the record with this reference."""
        slug = _plain(reference)
        if not slug or slug in self._taken:
            slug = _told_apart(reference)
        self._taken.add(slug)
        return slug


def _plain(reference: str) -> str:
    return slugify(reference)[:110].strip("-_")


def _told_apart(reference: str) -> str:
    """An address that no other reference has: part of a fingerprint stands behind the words."""
    print_of_it = hashlib.sha256(reference.encode()).hexdigest()[:8]
    return "-".join(part for part in (_plain(reference), print_of_it) if part)


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


# Events come in by an importer of their own, in their own folder.
import_module("consultations.events.imports")
