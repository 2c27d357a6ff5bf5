"""Good practice of other pages, brought in as it was found: outside examples, with their source, not checked by us."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import OrganisationKind
from consultations.events.imports import kind_of_body
from consultations.imports import Organisations, RowForm, Slugs, Terms, for_many_rows, name_key, web_address
from consultations.models import ParticipationLevel
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
from core.models import Area, HeldFor, Method, Topic
from core.publishing import publish_now
from practice.models import PracticeExample
from practice.resources.imports import ResourceImporter

__all__ = ["PracticeImporter", "ResourceImporter"]

# How a page's words stand for our levels.
LEVELS = {
    "information": ParticipationLevel.INFORMATION,
    "consultation": ParticipationLevel.CONSULTATION,
    "participation": ParticipationLevel.PARTICIPATION,
    "co-production": ParticipationLevel.CO_PRODUCTION,
}


@for_many_rows
class FoundExampleForm(RowForm):
    """A row of good practice, checked like an example that somebody types in."""

    title = forms.CharField(max_length=250)
    organisation = forms.CharField(max_length=200)
    place = forms.CharField(max_length=200, required=False)
    year = forms.CharField(max_length=4, required=False)
    method = forms.CharField(max_length=300, required=False)
    participation_level = forms.CharField()
    what_changed = forms.CharField(required=False)
    source_url = web_address()
    notes = forms.CharField(required=False)
    read_on = forms.DateField(input_formats=["%Y-%m-%d"], required=False)

    def clean_year(self):
        """A year in four numbers, of the time that pages tell of."""
        printed = self.cleaned_data["year"]
        if not printed:
            return None
        if not (len(printed) == 4 and printed.isascii() and printed.isdigit() and 1990 <= int(printed) <= 2100):
            raise forms.ValidationError(_("%(found)s is not a year like 2024") % {"found": shown(printed)})
        return int(printed)

    def clean_participation_level(self):
        """The level that the page's word stands for."""
        printed = name_key(self.cleaned_data["participation_level"])
        if printed not in LEVELS:
            words = _("%(found)s is not one of: %(known)s")
            raise forms.ValidationError(words % {"found": shown(printed), "known": ", ".join(LEVELS)})
        return LEVELS[printed]


def _kind_of(name: str) -> OrganisationKind:
    """What kind of body a name is of: one that names two is a partnership."""
    words = f" {name.casefold()} "
    if "partnership" in words or " with " in words or " and partners" in words:
        return OrganisationKind.PARTNERSHIP
    return kind_of_body(name)


@register
class PracticeImporter(Importer):
    """Rows of good practice. They have no reference of their own: organisation and title tell one from another."""

    kind = "practice"
    columns = (
        "title", "organisation", "place", "year", "method", "participation_level", "what_changed", "source_url",
        "notes",
    )  # fmt: skip

    COLUMNS = {
        "level": "participation_level",
        "methods": "method",
        "method_words": "method",
        "topics": "title",
        "areas": "place",
        "changed_families": "what_changed",
        "source_notes": "notes",
    }
    PLAIN = (
        "title", "place", "year", "level", "method_words", "changed_families", "source_url", "source_notes",
    )  # fmt: skip
    LISTS = ("topics", "methods", "areas")

    def __init__(self, *, by, today: date, read_on: date):
        super().__init__(by=by, today=today, read_on=read_on)
        if read_on > today:
            words = _("The day the pages were read, %(day)s, has not come yet.")
            raise FileRefused(words % {"day": day_words(read_on, today)})
        self.organisations = Organisations(by, _kind_of)
        self.terms = {
            "topics": Terms("topics", Topic),
            "methods": Terms("methods", Method),
            "areas": Terms("areas", Area),
        }
        self.here: dict[str, PracticeExample] = {}

    # Judging

    def reference(self, cells: Cells) -> str:
        """Organisation and title."""
        if not one_line(cells["title"]):
            raise Rejected("title", _("the row has no title"))
        return slugify(f"{cells['organisation']} {cells['title']}")[:190].strip("-")

    def look_up(self, rows: dict[str, Cells]) -> None:
        """The examples with these references."""
        found = PracticeExample.objects.filter(reference__in=list(rows)).select_related("organisation").defer("search")
        self.here = {each.reference: each for each in found.prefetch_related(*self.LISTS)}

    def facts(self, cells: Cells) -> Facts:
        """What the row says, checked; what it is about and how families were heard, as far as its words say."""
        form = FoundExampleForm(cells)
        if not form.is_valid():
            raise form.problem()
        said = form.cleaned_data
        return {
            "title": one_line(said["title"]),
            "organisation": name_key(said["organisation"]),
            "place": one_line(said["place"]),
            "year": said["year"],
            "level": str(said["participation_level"]),
            "method_words": one_line(said["method"]),
            "changed_families": said["what_changed"],
            "source_url": said["source_url"],
            "source_notes": said["notes"],
            "topics": self.terms["topics"].keys_within(said["title"]),
            "methods": self.terms["methods"].keys_within(said["method"]),
            "areas": self.terms["areas"].keys(said["place"]),
        }

    def why_held(self, cells: Cells, facts: Facts) -> Held | None:
        """One that does not say what changed is no example to learn from yet."""
        if facts["changed_families"].strip():
            return None
        return Held(HeldFor.NO_CHANGE, "what_changed", _("the row does not say what changed for families"))

    def held_facts(self, reference: str) -> Facts | None:
        """What the hub says of the example now."""
        here = self.here.get(reference)
        if here is None:
            return None
        lists = {name: frozenset(term.key for term in getattr(here, name).all()) for name in self.LISTS}
        plain = {name: getattr(here, name) for name in self.PLAIN}
        return plain | lists | {"organisation": name_key(here.organisation.name)}

    def out_of_reach(self, reference: str) -> str:
        """One that was thrown away or taken off the site belongs to the people here."""
        here = self.here[reference]
        if here.deleted_at:
            return _("it was thrown away here")
        return _("it was taken off the site here") if here.archived_at else ""

    def column_of(self, fact: str) -> str:
        """The column that a fact comes from."""
        return self.COLUMNS.get(fact, fact)

    # Writing

    def prepare(self, changes: list[Change]) -> None:
        """Add the organisations that the hub does not have yet."""
        for change in changes:
            self.organisations.id_of(change.row.cells["organisation"])

    def create(self, changes: list[Change]) -> None:
        """Publish new examples; each page says that it was found elsewhere."""
        slugs = Slugs([change.reference for change in changes], PracticeExample)
        made = []
        for change in changes:
            example = PracticeExample(reference=change.reference, slug=slugs.free_for(change.reference))
            self._set(example, change, change.facts)
            publish_now(example)
            made.append(example)
        PracticeExample.objects.bulk_create(made)
        for name in self.LISTS:
            self._link(name, made, changes)
        self._queue(changes)

    def update(self, changes: list[Change]) -> None:
        """Write the facts that changed, and no others."""
        for changed, group in by_what_changed(changes):
            examples = [self.here[change.reference] for change in group]
            for example, change in zip(examples, group, strict=True):
                self._set(example, change, changed)
                example.version += 1
                example.changed_at = timezone.now()
            plain = changed.difference(self.LISTS)
            PracticeExample.objects.bulk_update(examples, [*plain, "source_read_on", "version", "changed_at"])
            for name in changed.intersection(self.LISTS):
                getattr(PracticeExample, name).through.objects.filter(practiceexample__in=examples).delete()
                self._link(name, examples, group)
        self._queue(changes, seen_before=True)

    def _queue(self, changes: list[Change], *, seen_before: bool = False) -> None:
        """Put the methods of which no word is known before a person."""
        cells = [change.row.cells["method"] for change in changes if not change.facts["methods"]]
        self.terms["methods"].queue(cells, seen_before=seen_before)

    def _set(self, example: PracticeExample, change: Change, names) -> None:
        for name in names:
            if name == "organisation":
                example.organisation_id = self.organisations.id_of(change.row.cells["organisation"])
            elif name not in self.LISTS:
                setattr(example, name, change.facts[name])
        read_on = change.row.cells.get(READ_ON)
        example.source_read_on = date.fromisoformat(read_on) if read_on else self.read_on

    def _link(self, name: str, examples: list[PracticeExample], changes: list[Change]) -> None:
        through, ids = getattr(PracticeExample, name).through, self.terms[name].ids
        through.objects.bulk_create(
            through(practiceexample_id=example.pk, **{f"{name.removesuffix('s')}_id": ids[key]})
            for example, change in zip(examples, changes, strict=True)
            for key in sorted(change.facts[name])
        )
