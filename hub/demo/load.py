"""Load the demo county of Westmarch: its bodies and people, what they asked, and what came of it.

The data are the YAML files beside this module. Names of fields are those of the
models; a number in a date field counts days from the day of loading.
"""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import yaml
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import ForeignKey, Model
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
from core.actions import open_hub, say_still_right
from core.freshness import looked_at
from core.models import AccessSupport, Area, Audience, Format, Method, Topic
from feedback.actions import (
    add_entry,
    answer_elsewhere,
    publish_holding_note,
    publish_report,
    publish_response,
    update_entry,
)
from feedback.counts import Count
from feedback.drafts import prefill
from feedback.local_offer.actions import sort_comment
from feedback.models import AnswerState, FeedbackEntry, HoldingNote, Kind, Origin, Response, StandingReport
from hub.content.load import load_content
from hub.demo.calendar import Calendar
from hub.demo.events import Events
from hub.demo.help import add_help
from hub.demo.office import Office
from hub.demo.parents import Parents
from hub.demo.plan import Plan
from hub.demo.practice import Practice
from hub.demo.resources import Resources
from hub.demo.standard import Standards
from hub.demo.stories import Stories
from hub.demo.tell_us import ToldUs

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
    return _parse(FOLDER / f"{name}.yaml")


def consultations_as_written() -> list[dict]:
    """Every consultation of the demo, from all the files about them."""
    return [each for file in sorted(FOLDER.glob("consultations_*.yaml")) for each in _parse(file)]


def _parse(file: Path):
    """The C parser where there is one: it is ten times as fast."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@transaction.atomic
def load(*, on: date) -> list[SignIn]:
    """Load the whole county as it stands on a day, and return the accounts to try it with.

    Raises NotEmpty when the hub holds an organisation or a consultation.
    """
    if Organisation.objects.exists() or Consultation.objects.exists():
        raise NotEmpty
    load_content()
    # The database may have been started without the demo before.
    open_hub(by=None, on=on)
    with constraints_left_to_the_database():
        return County(on).build()


@contextmanager
def constraints_left_to_the_database():
    """Check each row's constraints, and what it points at, once, when it is written, and not in queries before that.

    The database refuses exactly the same rows; asking first is for forms,
    which want the words, and would make the load four times as long.
    """
    asked_first, looked_up = Model.validate_constraints, ForeignKey.validate
    Model.validate_constraints = lambda self, exclude=None: None
    ForeignKey.validate = lambda self, value, instance: None
    try:
        yield
    finally:
        Model.validate_constraints, ForeignKey.validate = asked_first, looked_up


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
        sign_ins = {
            person["key"]: SignIn(person["title"], _address(person["key"]), _new_password())
            for person in self.facts["people"]
            if person.get("sign_in")
        }
        with ThreadPoolExecutor(max_workers=1) as hasher:  # hashing is slow on purpose: the county is built meanwhile
            hashes = {key: hasher.submit(make_password, sign_in.password) for key, sign_in in sign_ins.items()}
            self.tell_the_story()
            for key, hashed in hashes.items():
                User.objects.filter(pk=self.people[key].user_id).update(password=hashed.result())
        return list(sign_ins.values())

    def tell_the_story(self) -> None:
        """Who is there, what they asked, and what came of it."""
        self.add_areas()
        self.add_organisations()
        self.add_people()
        self.join_promises()
        asked = self.calendar.told(consultations_as_written())
        self.add_consultations(asked)
        for position, facts in enumerate(asked):
            self.live_through(self.consultations[facts["key"]], facts, position)
        self.link(asked)
        self.add_log(self.calendar.told(read("log")))
        Events(self).add(self.calendar.told(read("events")))
        add_help(self, read("help"))
        Plan(self).add(self.calendar.told(read("plan")))
        Office(self).add(read("office"))
        Resources(self).add(read("resources"))
        Practice(self).add(self.calendar.told(read("practice")))
        ToldUs(self).add(self.calendar.told(read("tell_us")))
        Parents(self).add(read("parent_checks"))
        Stories(self).add(read("stories"))
        Standards(self).add(read("standard"))

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

    def add_people(self) -> None:
        """Accounts named by role. They sign in by e-mailed code until they have a password."""
        for facts in self.facts["people"]:
            facts["user"] = User(email=_address(facts["key"]), name=facts["title"])
            facts["user"].set_unusable_password()
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
        for organisation in (each for each in self.organisations.values() if each.review_by):
            say_still_right(organisation, kind="organisation", by=self.keeper, on=self.calendar.day(-60))

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
            yield Document(consultation=consultation, format=self.terms["formats"][format_], position=position, **facts)

    # --- what became of it

    def live_through(self, consultation: Consultation, facts: dict, position: int) -> None:
        """What happened to a consultation since: published, stopped, given more time, answered."""
        if facts.get("draft"):
            return
        today = self.calendar.today
        consultation.published_at = self.calendar.morning(self._published_day(consultation, facts, position), position)
        if "late_by" in facts and self._due(facts) != answer_due(consultation.closes_on):
            # Not a working day: it was promised for that very day, so that it is late by as much as is written.
            consultation.response_due_on, consultation.promised_earlier = self._due(facts), True
        publish(consultation, by=self.keeper, on=today)
        if "checked" in facts:
            looked_at(consultation, "consultation", on=self.calendar.day(facts["checked"]))
            consultation.save(update_fields=["checked_on", "review_by"])
        if more_time := facts.get("more_time"):
            more_time = self.calendar.dated(more_time)
            on = more_time.pop("asked_on")
            move_closing_date(consultation, by=self.keeper, on=on, **more_time)
        if stopped := facts.get("stopped"):
            withdraw(
                consultation,
                by=self.keeper,
                on=self.calendar.day(stopped["day"]),
                reason=stopped["reason"],
                views=stopped["views"],
            )
        if taken_on := facts.get("taken_on"):
            take_on(
                consultation,
                by=self.keeper,
                owner=self.people[taken_on["owner"]],
                on=self.calendar.day(taken_on["day"]),
            )
        for report in facts.get("reports", []):
            self.report(consultation, report)
        for note in facts.get("holding_notes", []):
            note = self.calendar.dated(note)
            day = note.pop("day")
            published = publish_holding_note(
                consultation, by=consultation.owner.user, on=self.calendar.day(day), **note
            )
            HoldingNote.objects.filter(pk=published.pk).update(published_at=self.calendar.morning(day, 30))
        if answer := facts.get("answer"):
            self.answer(consultation, answer)
        elif answered := facts.get("answered"):  # a past record whose answer was found
            record_answer(
                consultation,
                by=self.keeper,
                on=self.calendar.day(answered["day"]),
                exactly=answered.get("exactly", True),
            )

    def _published_day(self, consultation: Consultation, facts: dict, position: int) -> int:
        """Published some days before it opened, and never in the future."""
        if "published" in facts:
            return facts["published"]
        starts = consultation.opens_on
        if starts is None:
            return -2 - position % 30
        return min((starts - self.calendar.today).days - 3 - position % 5, -1 - position % 9)

    def answer(self, consultation: Consultation, facts: dict) -> None:
        """Publish the answer to a consultation, as its service did on that day, and what it kept since."""
        facts = dict(facts)
        day, themes, kind = facts.pop("day"), facts.pop("themes", []), facts.pop("kind", Kind.FULL)
        on, by, moment = self.calendar.day(day), consultation.owner.user, self.calendar.morning(day, 10)
        if kind == Kind.ELSEWHERE:
            response = answer_elsewhere(
                consultation, by=by, on=on, answered_on=on, url=facts["elsewhere_url"], in_short=facts["in_short"]
            )
            Response.objects.filter(pk=response.pk).update(published_at=moment)
            return
        listed = prefill(consultation, on)["facts"]
        facts = {name: listed[name] for name in _FROM_THE_LISTING} | self.calendar.dated(facts)
        facts["formats"] = facts["formats"] or "Ask us for this answer in large print, easy read or your language."
        themes = [self._entry(theme) | {"published_at": moment} for theme in themes]
        response = publish_response(
            consultation,
            by=by,
            on=on,
            kind=kind,
            facts=facts | {"published_at": moment},
            themes=[_as_promised(theme) if _kept_later(theme, on) else theme for theme in themes],
        )
        for theme, entry in zip(themes, response.themes.all(), strict=True):
            if _kept_later(theme, on):
                since = {name: theme[name] for name in ("answer", "we_did", "done_on", "what_changed")}
                update_entry(entry, by=by, on=theme["done_on"], version=entry.version, **since)

    def report(self, consultation: Consultation, facts: dict) -> None:
        """Publish what came of a standing opportunity by a day, as its service did then."""
        facts = self.calendar.dated(facts)
        day, took_part = facts.pop("day"), Count.of(facts.pop("took_part"))
        by, on = consultation.owner.user, self.calendar.day(day)
        report = publish_report(consultation, by=by, on=on, took_part=took_part, **facts)
        StandingReport.objects.filter(pk=report.pk).update(published_at=self.calendar.morning(day, 20))

    def add_log(self, log: list[dict]) -> None:
        """What families said outside a consultation and the answers to it, and entries found elsewhere."""
        for number, facts in enumerate(log):
            facts = self._entry(facts)
            day = facts.pop("published")
            facts["organisation"] = self.organisations[facts["organisation"]]
            facts["published_at"] = self.calendar.morning(day, number)
            topics = [self.terms["topics"][key] for key in facts.pop("topics")]
            part, left_out = facts.pop("local_offer", ""), facts.pop("left_out", "")
            if asked := facts.pop("consultation", None):
                facts["consultation"] = self.consultations[asked]
            if facts.get("origin") == Origin.FOUND:
                FeedbackEntry.objects.create(**facts).topics.set(topics)
            else:
                entry = add_entry(by=self.keeper, on=self.calendar.day(day), topics=topics, **facts)
                if part:
                    sort_comment(entry, by=self.keeper, part=part, left_out=left_out)

    def _entry(self, facts: dict) -> dict:
        """The facts of an entry, with its dates and with the membership that owns its promise."""
        facts = self.calendar.dated(facts)
        if owner := facts.pop("owner", None):
            facts["owner"] = self.people[owner]
            facts.setdefault("owner_role", facts["owner"].public_name)
        return facts

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
    "late_by", "due_in", "published", "draft", "more_time", "stopped", "taken_on", "holding_notes", "reports", "answer",
    "answered", "earlier_round", "related", "partners", "checked",
}  # fmt: skip


def _kept_later(theme: dict, on: date) -> bool:
    """Whether what it says was done only after the answer came out."""
    return theme.get("done_on") is not None and theme["done_on"] > on


def _as_promised(theme: dict) -> dict:
    """A point as the answer first gave it: promised by the day it was then kept."""
    promised = {name: value for name, value in theme.items() if name not in ("done_on", "what_changed")}
    return promised | {"answer": AnswerState.WILL_DO, "due_on": theme["done_on"]}


def _address(key: str) -> str:
    """The e-mail address of a demo account."""
    return f"{key}@demo.example"


_FROM_THE_LISTING = ("we_asked", "decided_by", "contact_name", "contact_phone", "contact_email", "formats")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def _new_password() -> str:
    """Three groups of four: easy to copy from a screen."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
