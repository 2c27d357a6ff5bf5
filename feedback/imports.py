"""Log entries found on other pages: what people said, what was done, as found and not checked.

They belong to a consultation that was brought in. While that one is held or
missing its entries are held too; they are taken in when it arrives and the
file is brought in again. They never set an outcome and are never chased.
"""

from datetime import date

from django import forms
from django.utils.translation import gettext as _

from consultations.imports import Organisations, RowForm, for_many_rows, name_key, web_address
from consultations.models import Consultation
from core.imports import Cells, Change, Facts, Held, Importer, Rejected, by_what_changed, one_line, register, shown
from core.models import HeldFor
from core.publishing import publish_now
from feedback.models import AnswerState, FeedbackEntry, HeardFrom, Origin

# How a page's own words stand for our answers.
ANSWERS = {
    "done": AnswerState.DONE,
    "planned": AnswerState.WILL_DO,
    "under review": AnswerState.DECIDING,
    "none published": AnswerState.NONE,
    "not possible": AnswerState.CANNOT,
}


@for_many_rows
class FoundEntryForm(RowForm):
    """A row of the log, checked like an entry that somebody types in."""

    entry = forms.CharField(max_length=20)
    consultation_reference = forms.CharField(max_length=170)
    organisation = forms.CharField(max_length=200)
    you_said = forms.CharField()
    we_did = forms.CharField(required=False)
    status = forms.CharField()
    source_url = web_address()

    def clean_status(self):
        """The answer that the page's word stands for."""
        printed = name_key(self.cleaned_data["status"])
        if printed not in ANSWERS:
            words = _("%(found)s is not one of: %(known)s")
            raise forms.ValidationError(words % {"found": shown(printed), "known": ", ".join(ANSWERS)})
        return ANSWERS[printed]


@register
class FeedbackImporter(Importer):
    """Rows of "you said, we did", as entries found elsewhere."""

    kind = "feedback"
    columns = (
        "entry",
        "consultation_reference",
        "consultation_title",
        "organisation",
        "you_said",
        "we_did",
        "status",
        "source_url",
    )

    def __init__(self, *, by, today: date, read_on: date):
        super().__init__(by=by, today=today, read_on=read_on)
        self.organisations = Organisations(by)
        self.here: dict[str, FeedbackEntry] = {}
        self.consultations: dict[str, Consultation] = {}

    # Judging

    def reference(self, cells: Cells) -> str:
        """The consultation's reference and the entry's number, since each council numbers its own file."""
        number, consultation = one_line(cells["entry"]), one_line(cells["consultation_reference"])
        if not number:
            raise Rejected("entry", _("the row has no number"))
        if not consultation:
            raise Rejected("consultation_reference", _("the row names no consultation"))
        reference = f"{consultation}/{number}"
        if len(reference) > 200:
            raise Rejected("consultation_reference", _("the reference is longer than 170 characters"))
        return reference

    def look_up(self, rows: dict[str, Cells]) -> None:
        """The entries with these references, and the consultations that they belong to."""
        entries = FeedbackEntry.objects.filter(reference__in=list(rows))
        entries = entries.select_related("organisation", "consultation").defer("search", "consultation__search")
        self.here = {each.reference: each for each in entries}
        wanted = {one_line(cells["consultation_reference"]) for cells in rows.values()}
        found = Consultation.objects.kept().filter(reference__in=wanted).prefetch_related("topics")
        self.consultations = {each.reference: each for each in found.defer("search")}

    def facts(self, cells: Cells) -> Facts:
        """What the row says, checked."""
        form = FoundEntryForm(cells)
        if not form.is_valid():
            raise form.problem()
        said = form.cleaned_data
        return {
            "consultation": one_line(said["consultation_reference"]),
            "organisation": name_key(said["organisation"]),
            "you_said": said["you_said"],
            "we_did": said["we_did"],
            "answer": str(said["status"]),
            "source_url": said["source_url"],
        }

    def why_held(self, cells: Cells, facts: Facts) -> Held | None:
        """An entry waits for its consultation."""
        reference = facts["consultation"]
        if reference in self.consultations:
            return None
        note = _("the hub has no consultation %(reference)s yet") % {"reference": reference}
        return Held(HeldFor.NO_CONSULTATION, "consultation_reference", note, reference)

    def held_facts(self, reference: str) -> Facts | None:
        """What the hub says in the entry now."""
        here = self.here.get(reference)
        if here is None:
            return None
        return {
            "consultation": here.consultation.reference if here.consultation else "",
            "organisation": name_key(here.organisation.name),
            "you_said": here.you_said,
            "we_did": here.we_did,
            "answer": here.answer,
            "source_url": here.source_url,
        }

    def out_of_reach(self, reference: str) -> str:
        """An entry that a service has made its own, or that was thrown away, belongs to the people here."""
        here = self.here[reference]
        if here.origin != Origin.FOUND:
            return _("a service here has made the entry its own")
        if here.deleted_at:
            return _("it was thrown away here")
        return ""

    def column_of(self, fact: str) -> str:
        """The column that a fact comes from."""
        return {"consultation": "consultation_reference", "answer": "status"}.get(fact, fact)

    # Writing

    def prepare(self, changes: list[Change]) -> None:
        """Add the organisations that the hub does not have yet."""
        for change in changes:
            self.organisations.id_of(change.row.cells["organisation"])

    def create(self, changes: list[Change]) -> None:
        """Publish new entries, about the topics of their consultation."""
        made = []
        for change in changes:
            entry = FeedbackEntry(origin=Origin.FOUND, heard_from=HeardFrom.CONSULTATION, reference=change.reference)
            self._set(entry, change, change.facts)
            publish_now(entry)
            made.append(entry)
        FeedbackEntry.objects.bulk_create(made)
        through = FeedbackEntry.topics.through
        through.objects.bulk_create(
            through(feedbackentry_id=entry.pk, topic_id=topic.pk)
            for entry, change in zip(made, changes, strict=True)
            for topic in self.consultations[change.facts["consultation"]].topics.all()
        )

    def update(self, changes: list[Change]) -> None:
        """Write the facts that changed, and no others."""
        for changed, group in by_what_changed(changes):
            entries = [self.here[change.reference] for change in group]
            for entry, change in zip(entries, group, strict=True):
                self._set(entry, change, changed)
                entry.version += 1
            FeedbackEntry.objects.bulk_update(entries, [*changed, "version"])

    def _set(self, entry: FeedbackEntry, change: Change, names) -> None:
        for name in names:
            if name == "organisation":
                entry.organisation_id = self.organisations.id_of(change.row.cells["organisation"])
            elif name == "consultation":
                entry.consultation = self.consultations[change.facts["consultation"]]
            else:
                setattr(entry, name, change.facts[name])
