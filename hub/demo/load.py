"""Load the demo county of Westmarch: its bodies and people, what they asked, and what came of it.

The data are the YAML files beside this module. Names of fields are those of the
models; a number in a date field counts days from the day of loading.
"""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import yaml
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.text import slugify

from accounts.actions import add_membership, add_organisation
from accounts.models import Membership, Organisation, User
from consultations.actions import (
    ANSWER_WITHIN,
    answer_due,
    join_promise,
    move_closing_date,
    publish,
    record_answer,
    take_on,
    withdraw,
)
from consultations.models import Consultation, Document, Support, SupportState, WayToTakePart
from core.models import AccessSupport, Area, Audience, Format, Method, Topic
from feedback.models import FeedbackEntry, HoldingNote, Kind, Response
from hub.content.load import load_terms
from hub.demo.calendar import Calendar

FOLDER = Path(__file__).parent
PAPERS = "https://westmarch.example.org/papers"


class NotEmpty(Exception):
    """The hub holds something already: the demo never mixes with it."""


@dataclass(frozen=True)
class SignIn:
    """An account that the demo made for trying things out, with the password it got at that moment."""

    role: str
    address: str
    password: str


def read(name: str):
    """One of the demo's data files, as written."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def consultations_as_written() -> list[dict]:
    """Every consultation of the demo, from all the files about them."""
    files = sorted(FOLDER.glob("consultations_*.yaml"))
    return [each for file in files for each in yaml.safe_load(file.read_text(encoding="utf-8"))]


@transaction.atomic
def load(*, on: date) -> list[SignIn]:
    """Load the whole county as it stands on a day, and return the accounts to try it with.

    Raises NotEmpty when the hub holds an organisation or a consultation.
    """
    if Organisation.objects.exists() or Consultation.objects.exists():
        raise NotEmpty
    load_terms()
    return County(on).build()


class County:
    """Westmarch while it is being built, from the ground up."""

    def __init__(self, on: date):
        self.calendar = Calendar(on)
        self.facts = self.calendar.told(read("organisations"))
        self.terms = {}
        self.organisations: dict[str, Organisation] = {}
        self.people: dict[str, Membership] = {}
        self.consultations: dict[str, Consultation] = {}
        self.keeper = None

    def build(self) -> list[SignIn]:
        """Everything, in the order in which one thing needs another."""
        self.add_areas()
        self.add_organisations()
        sign_ins = self.add_people()
        self.join_promises()
        asked = self.calendar.told(consultations_as_written())
        self.add_consultations(asked)
        for position, facts in enumerate(asked):
            self.live_through(self.consultations[facts["key"]], facts, position)
        self.link(asked)
        self.add_log(self.calendar.told(read("log")))
        return sign_ins

    # --- who is there

    def add_areas(self) -> None:
        """The districts and towns, and every list of terms by key."""
        Area.objects.bulk_create(
            Area(position=position, **area) for position, area in enumerate(self.facts["areas"], start=1)
        )
        for name, model in (
            ("topics", Topic),
            ("audiences", Audience),
            ("areas", Area),
            ("methods", Method),
            ("supports", AccessSupport),
            ("formats", Format),
        ):
            self.terms[name] = {term.key: term for term in model.objects.all()}

    def add_organisations(self) -> None:
        """The tree of bodies, each under the one named before it."""
        for facts in self.facts["organisations"]:
            facts = {name: value for name, value in facts.items() if name not in ("promise", "asks")}
            key, parent = facts.pop("key"), facts.pop("parent", None)
            self.organisations[key] = add_organisation(
                by=None, parent=self.organisations[parent] if parent else None, **facts
            )

    def add_people(self) -> list[SignIn]:
        """Accounts named by role. Those to try the demo with get a password; the others sign in by e-mailed code."""
        sign_ins = []
        for facts in self.facts["people"]:
            address = f"{facts['key']}@demo.example"
            user = User(email=address, name=facts["title"])
            user.set_unusable_password()
            if facts.get("sign_in"):
                sign_ins.append((user, SignIn(facts["title"], address, _new_password())))
            facts["user"] = user
        with ThreadPoolExecutor() as hashers:  # hashing is slow on purpose
            hashes = hashers.map(lambda pair: make_password(pair[1].password), sign_ins)
            for (user, _), hashed in zip(sign_ins, hashes, strict=True):
                user.password = hashed
        User.objects.bulk_create(facts["user"] for facts in self.facts["people"])
        for facts in self.facts["people"]:
            self.people[facts["key"]] = add_membership(
                by=None,
                user=facts["user"],
                organisation=self.organisations[facts["for"]],
                role=facts["role"],
                job_title=facts["title"],
                on=self.calendar.day(-900),
            )
        self.keeper = self.people["fis-manager"].user
        return [sign_in for _, sign_in in sign_ins]

    def join_promises(self) -> None:
        """Who promised, by name of role, to answer families, and when."""
        for facts in self.facts["organisations"]:
            if promise := facts.get("promise"):
                organisation = self.organisations[facts["key"]]
                join_promise(organisation, by=self.keeper, name=promise["name"], on=self.calendar.day(promise["day"]))

    # --- what was asked

    def add_consultations(self, asked: list[dict]) -> None:
        """Every consultation as a draft, with its lists, ways to take part, help and papers."""
        drafts = [self._draft(facts) for facts in asked]
        Consultation.objects.bulk_create(drafts)
        rows = {WayToTakePart: [], Support: [], Document: []}
        lists = {name: [] for name in ("topics", "audiences", "areas")}
        for draft, facts in zip(drafts, asked, strict=True):
            self.consultations[facts["key"]] = draft
            for name, chosen in lists.items():
                through = getattr(Consultation, name).through
                column = f"{name[:-1]}_id"
                chosen += [
                    through(consultation_id=draft.pk, **{column: self.terms[name][key].pk})
                    for key in facts.get(name, [])
                ]
            rows[WayToTakePart] += self._ways(draft, facts.get("ways", []))
            rows[Support] += self._supports(draft, facts.get("supports", {}))
            rows[Document] += self._documents(draft, facts.get("documents", []))
        for model, many in rows.items():
            model.objects.bulk_create(many)
        for name, chosen in lists.items():
            getattr(Consultation, name).through.objects.bulk_create(chosen)

    def _draft(self, facts: dict) -> Consultation:
        key = facts.setdefault("key", slugify(facts["title"])[:110])
        body = next(each for each in self.facts["organisations"] if each["key"] == facts["organisation"])
        asks = body.get("asks", {})
        known = {name: value for name, value in asks.items() if name not in ("owner", "deputy")}
        known |= {name: value for name, value in facts.items() if name not in _NOT_FIELDS}
        known = self.calendar.dated(known)
        if due := self._due(facts):
            known["closes_on"] = due - ANSWER_WITHIN
        if "closes_at" in known:
            known["closes_at"] = time.fromisoformat(known["closes_at"])
        if facts.get("record") == "past":
            known = {name: value for name, value in known.items() if name in facts or name.endswith("_on")}
        else:
            for who in ("owner", "deputy"):
                if name := facts.get(who, asks.get(who)):
                    known[who] = self.people[name]
        return Consultation(slug=key, organisation=self.organisations[facts["organisation"]], **known)

    def _due(self, facts: dict) -> date | None:
        """The day an answer is due, where the data say how late it is or when it is due."""
        if "late_by" in facts:
            return self.calendar.day(-facts["late_by"])
        return self.calendar.day(facts["due_in"]) if "due_in" in facts else None

    def _ways(self, consultation: Consultation, ways: list):
        for position, way in enumerate(ways, start=1):
            facts = {"method": way} if isinstance(way, str) else dict(way)
            method = facts.pop("method")
            words = facts.pop("description", None) or self.facts["usual_ways"][method]
            for name in ("contact_phone", "contact_email"):
                words = words.replace(f"{{{name}}}", getattr(consultation, name))
            if method == "online_survey":
                facts.setdefault("url", f"https://surveys.westmarch.example.org/{consultation.slug}")
            yield WayToTakePart(
                consultation=consultation,
                method=self.terms["methods"][method],
                description=words,
                position=position,
                **self.calendar.dated(facts),
            )

    def _supports(self, consultation: Consultation, supports: dict):
        """A number is the last day to ask for the help; otherwise it is there, or it is not."""
        for key, state in supports.items():
            asked = isinstance(state, int)
            yield Support(
                consultation=consultation,
                kind=self.terms["supports"][key],
                state=SupportState.ON_REQUEST if asked else SupportState(state),
                ask_by=self.calendar.day(state) if asked else None,
            )

    def _documents(self, consultation: Consultation, documents: list):
        """A line such as "easy_read PDF 840 12" is a format, a type, kilobytes and pages; more needs a mapping."""
        for position, written in enumerate(documents, start=1):
            if isinstance(written, str):
                format_, file_type, size, *pages = written.split()
                written = {"format": format_, "file_type": file_type, "size_kb": int(size)}
                if pages:
                    written["pages"] = int(pages[0])
            facts = self.calendar.dated(written)
            format_ = facts.pop("format")
            facts.setdefault("title", self.facts["usual_documents"].get(format_, ""))
            facts.setdefault("url", f"{PAPERS}/{consultation.slug}/{format_}-{position}")
            yield Document(
                consultation=consultation, format=self.terms["formats"][format_], position=position, **facts
            )

    # --- what became of it

    def live_through(self, consultation: Consultation, facts: dict, position: int) -> None:
        """What happened to a consultation since: published, stopped, given more time, answered."""
        if facts.get("draft"):
            return
        today = self.calendar.today
        consultation.published_at = self.calendar.morning(self._published_day(consultation, facts, position), position)
        due = self._due(facts)
        if due and due != answer_due(consultation.closes_on):
            # Not a working day: it was promised for that very day, so that the count of days is as written.
            consultation.response_due_on, consultation.promised_earlier = due, True
        # The database holds the same constraints, and asking it twice would treble the time of the load.
        consultation.validate_constraints = _leave_it_to_the_database
        publish(consultation, by=self.keeper, on=today)
        if more_time := facts.get("more_time"):
            more_time = self.calendar.dated(more_time)
            on = more_time.pop("asked_on")
            move_closing_date(consultation, by=self.keeper, on=on, **more_time)
        if stopped := facts.get("stopped"):
            withdraw(consultation, by=self.keeper, on=self.calendar.day(stopped["day"]), reason=stopped["reason"],
                     views=stopped["views"])
        if taken_on := facts.get("taken_on"):
            take_on(consultation, by=self.keeper, owner=self.people[taken_on["owner"]],
                    on=self.calendar.day(taken_on["day"]))
        HoldingNote.objects.bulk_create(
            HoldingNote(
                consultation=consultation,
                published_at=self.calendar.morning(note["day"], 30),
                **{name: value for name, value in self.calendar.dated(note).items() if name != "day"},
            )
            for note in facts.get("holding_notes", [])
        )
        if answer := facts.get("answer"):
            self.answer(consultation, answer)
        elif answered := facts.get("answered"):  # a past record whose answer was found
            record_answer(consultation, by=self.keeper, on=self.calendar.day(answered["day"]),
                          exactly=answered.get("exactly", True))

    def _published_day(self, consultation: Consultation, facts: dict, position: int) -> int:
        """Published some days before it opened, and never in the future."""
        if "published" in facts:
            return facts["published"]
        starts = consultation.opens_on
        if starts is None:
            return -2 - position % 30
        return min((starts - self.calendar.today).days - 3 - position % 5, -1 - position % 9)

    def answer(self, consultation: Consultation, facts: dict) -> None:
        """Publish the answer to a consultation, as its service did on that day."""
        facts = dict(facts)
        on, themes = facts.pop("day"), facts.pop("themes", [])
        if facts.get("kind") == Kind.ELSEWHERE:
            facts["elsewhere_on"] = on
        facts.setdefault("decided_by", consultation.decided_by)
        for name in ("contact_name", "contact_phone", "contact_email"):
            facts.setdefault(name, getattr(consultation, name))
        response = Response.objects.create(
            consultation=consultation, published_at=self.calendar.morning(on, 10), **self.calendar.dated(facts)
        )
        topics = [topic.pk for topic in consultation.topics.all()]
        self._add_entries(
            theme | {"consultation": consultation, "response": response, "organisation": consultation.organisation,
                     "position": position, "published": on, "topic_ids": topics}
            for position, theme in enumerate(themes, start=1)
        )
        record_answer(consultation, by=self.keeper, on=self.calendar.day(on))

    def add_log(self, log: list[dict]) -> None:
        """What families said outside a consultation, and the answers to it."""
        self._add_entries(
            facts | {"organisation": self.organisations[facts["organisation"]],
                     "topic_ids": [self.terms["topics"][key].pk for key in facts.get("topics", [])]}
            for facts in log
        )

    def _add_entries(self, many) -> None:
        entries, through = [], []
        for number, facts in enumerate(many):
            facts = self.calendar.dated({name: value for name, value in facts.items() if name != "topics"})
            topics, published = facts.pop("topic_ids"), facts.pop("published")
            if owner := facts.pop("owner", None):
                facts["owner"] = self.people[owner]
                facts.setdefault("owner_role", facts["owner"].public_name)
            entry = FeedbackEntry(published_at=self.calendar.morning(published, number), **facts)
            entries.append(entry)
            through += [(entry, topic) for topic in topics]
        FeedbackEntry.objects.bulk_create(entries)
        chosen = FeedbackEntry.topics.through
        chosen.objects.bulk_create(chosen(feedbackentry_id=entry.pk, topic_id=topic) for entry, topic in through)

    def link(self, asked: list[dict]) -> None:
        """Rounds, partners and exercises that belong together."""
        for facts in asked:
            consultation = self.consultations[facts["key"]]
            if earlier := facts.get("earlier_round"):
                Consultation.objects.filter(pk=consultation.pk).update(earlier_round=self.consultations[earlier])
            if related := facts.get("related"):
                consultation.related.set(self.consultations[key] for key in related)
            if partners := facts.get("partners"):
                consultation.partners.set(self.organisations[key] for key in partners)


# What a consultation's mapping holds beside the model's own fields.
_NOT_FIELDS = {
    "key", "organisation", "owner", "deputy", "topics", "audiences", "areas", "ways", "supports", "documents",
    "late_by", "due_in", "published", "draft", "more_time", "stopped", "taken_on", "holding_notes", "answer",
    "answered", "earlier_round", "related", "partners",
}  # fmt: skip


def _leave_it_to_the_database(exclude=None) -> None:
    """Stands in for a check that the database makes anyway on every write."""


_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def _new_password() -> str:
    """Three groups of four: easy to copy from a screen."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
