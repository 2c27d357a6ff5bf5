"""What people do in the simulated year: each by the real action, as the desk would let them, and written down in the
world. Nobody does here what their role does not allow on the desk."""

from datetime import date, datetime, timedelta

from accounts import actions as accounts_actions
from accounts.models import Membership, Organisation, User
from consultations import actions as consultations_actions
from consultations.freshness import consultations_to_check, contacts_to_check
from consultations.models import Consultation, Outcome, ParticipationLevel, RecordKind, WayToTakePart
from core.actions import say_still_right
from core.dates import last_working_day, next_working_day
from core.models import Area, Audience, Method, Topic
from core.permissions import Permission
from feedback import actions as feedback_actions
from feedback.counts import Count
from feedback.models import AnswerState, FeedbackEntry, Kind, Response
from hub.simulation.county import DAY, Ask, Body, Person
from hub.simulation.founding import arrive
from hub.simulation.world import REPORT_WITHIN, Duty, Note, World

# Sooner than the first reminder to check a listing.
CHECKED_AHEAD = timedelta(days=14)
POINTS = ("How long it takes", "Who to ask", "Evenings and weekends")


class NotAllowed(Exception):
    """Somebody was to do what the desk would not have let them do: a fault of the simulation."""


class Acts:
    """The hands of everybody in the county."""

    def __init__(self, world: World):
        self.world = world

    # --- who acts

    def user(self, person: Person) -> User:
        """Their account, as a request would read it."""
        return User.objects.get(pk=person.user_id)

    def allowed(self, person: Person, permission: Permission, about=None) -> User:
        """The account, if it may do that. Raises NotAllowed when the desk would refuse."""
        user = self.user(person)
        if not user.has_perm(permission, about):
            raise NotAllowed(f"{person.key} may not do {permission} to {about}")
        return user

    @staticmethod
    def consultation(duty: Duty) -> Consultation:
        """The record of an answer or of reports."""
        return Consultation.objects.select_related("organisation", "owner", "deputy").get(pk=duty.about_id)

    # --- asking

    def publish(self, ask: Ask, by: Person, day: date) -> Duty | None:
        """Publish a consultation. Returns what it will owe families, if anything."""
        owner = self.world.people[ask.owner]
        if owner.has_left:
            owner = self.world.successor_of(ask.body, owner) or self.somebody_new(ask.body, by)
        deputy = self.world.people.get(ask.body.deputy)
        kind = "report" if ask.kind == "panels" else "answer"
        duty = Duty(kind, ask.key, ask.title, ask.body, owner, ask, None if deputy is owner else deputy)
        consultation = self._draft(ask, duty)
        user = self.allowed(by, Permission.PUBLISH_CONSULTATION, consultation)
        consultations_actions.publish(consultation, by=user, on=day)
        if ask.kind == "tells":
            return None
        duty.about_id = consultation.pk
        if ask.kind == "panels":
            latest = max(ask.opens_on, day) + REPORT_WITHIN
            duty.due_on = duty.first_due_on = min(ask.next_report_on or latest, latest)
            duty.owed_from = day
            self.world.plan_alone(duty, owner, day)
        elif ask.kind == "asks":
            self._set_dates(duty)
        self.world.duties.append(duty)
        return duty

    def check_listings(self, by: Person, day: date) -> None:
        """Say in time of every listing and contact that it is still right: the year is about what families are owed."""
        soon = {"review_by__lt": day + CHECKED_AHEAD}
        for consultation in (
            consultations_to_check(day).filter(**soon).select_related("organisation", "owner", "deputy")
        ):
            user = self.allowed(by, Permission.EDIT_CONSULTATION, consultation)
            say_still_right(consultation, kind="consultation", by=user, on=day)
        for body in contacts_to_check().filter(**soon):
            user = self.allowed(by, Permission.EDIT_ORGANISATION, body)
            say_still_right(body, kind="organisation", by=user, on=day)

    @staticmethod
    def _draft(ask: Ask, duty: Duty) -> Consultation:
        past = ask.kind == "past"
        if past:
            duty.deputy = None
        consultation = Consultation.objects.create(
            record=RecordKind.PAST if past else RecordKind.LIVE,
            title=ask.title,
            slug=ask.key,
            organisation_id=ask.body.organisation_id,
            owner_id=duty.owner.membership_id if duty.owner and not past else None,
            deputy_id=duty.deputy.membership_id if duty.deputy else None,
            level=ParticipationLevel.INFORMATION if ask.kind == "tells" else ParticipationLevel.CONSULTATION,
            summary="We want to do this better. Tell us what matters to your family.",
            can_change="What we do first.",
            cannot_change="The money, which the council set in February.",
            decided_by="Cabinet",
            contact_name="The team",
            contact_phone="01632 960 500",
            contact_email="team@larkmoor.example.org",
            opens_on=ask.opens_on,
            closes_on=ask.closes_on,
            next_report_on=ask.next_report_on,
            took_part=ask.took_part,
            source_url="https://larkmoor.example.org/consultations" if past else "",
            outcome=Outcome.NOT_LOOKED if past else "",
        )
        if not past:
            consultation.topics.set(Topic.objects.filter(key="schools"))
            consultation.audiences.set(Audience.objects.filter(key="all_parents_carers"))
            consultation.areas.set(Area.objects.all()[:1])
            WayToTakePart.objects.bulk_create(
                WayToTakePart(consultation=consultation, method=method, description="Fill in the form.")
                for method in Method.objects.filter(key__in=["online_survey", "paper_form"])
            )
        return consultation

    def _set_dates(self, duty: Duty) -> None:
        assert duty.ask.closes_on
        duty.owed_from = duty.ask.closes_on + DAY
        duty.due_on = self.world.answer_due(duty.body, duty.ask.closes_on)
        duty.first_due_on = duty.first_due_on or duty.due_on
        if duty.owner:
            self.world.plan_alone(duty, duty.owner, duty.ask.closes_on)

    def move(self, duty: Duty, by: Person, day: date, to: date) -> None:
        """Give families more time."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.EDIT_CONSULTATION, consultation)
        consultations_actions.move_closing_date(
            consultation, by=user, closes_on=to, reason="Families asked for more time.", on=day
        )
        duty.ask.closes_on = to
        self._set_dates(duty)

    def stop(self, duty: Duty, by: Person, day: date) -> None:
        """Stop a consultation before it closes."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.EDIT_CONSULTATION, consultation)
        consultations_actions.withdraw(
            consultation, by=user, reason="The money is gone.", views="We keep them for the next round.", on=day
        )
        duty.stopped_on = day

    def take_on(self, duty: Duty, by: Person, day: date) -> None:
        """A service takes on a past record."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.EDIT_CONSULTATION, consultation)
        assert duty.owner
        if duty.owner.has_left:
            duty.owner = self.world.successor_of(duty.body, duty.owner) or self.somebody_new(duty.body, by)
        owner = Membership.objects.get(pk=duty.owner.membership_id)
        consultations_actions.take_on(consultation, by=user, owner=owner, on=day)
        duty.owed_from = day
        duty.due_on = duty.first_due_on = next_working_day(day + timedelta(days=84))
        self.world.plan_alone(duty, duty.owner, day)

    def join(self, body: Body, by: Person, day: date) -> None:
        """A body joins the promise: what closes from that day on gets a date."""
        organisation = Organisation.objects.get(pk=body.organisation_id)
        user = self.allowed(by, Permission.EDIT_ORGANISATION, organisation)
        consultations_actions.join_promise(organisation, by=user, name=body.joins[1] if body.joins else "", on=day)
        body.promised_on = day
        for duty in self.world.duties:
            undone = duty.kind == "answer" and duty.stopped_on is None and duty.done_on is None
            to_come = duty.ask.kind == "asks" and duty.ask.closes_on and duty.ask.closes_on >= day
            if duty.body is body and undone and to_come:
                self._set_dates(duty)

    # --- answering

    def answer(self, duty: Duty, by: Person, day: date) -> list[Duty]:
        """Publish the answer. Returns what it promises families."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.PUBLISH_ANSWER, consultation)
        chance = self.world.chance(duty.key, "answer")
        if duty.taken_back_on is None and chance.random() < 0.1:
            feedback_actions.answer_elsewhere(
                consultation,
                by=user,
                on=day,
                url=f"https://larkmoor.example.org/{duty.key}",
                answered_on=day,
                in_short="You asked for longer hours. We open until six.",
            )
            duty.done_on, duty.elsewhere = day, True
            return []
        themes = [_theme(f"{point}: {duty.title}", day) for point in POINTS]
        themes[1] |= _promised(next_working_day(day + chance.randint(30, 140) * DAY))
        if chance.random() < 0.35:
            themes[2] |= _undecided(next_working_day(day + chance.randint(40, 100) * DAY))
        response = Response.objects.filter(consultation=consultation).first()
        if response is not None:  # it was taken back: the points keep their pages
            for theme, entry in zip(themes, response.themes.kept(), strict=True):
                theme["id"] = str(entry.pk)
        response = feedback_actions.publish_response(
            consultation, by=user, on=day, facts=_facts(duty, day), themes=themes, kind=Kind.FULL
        )
        duty.done_on = day
        promises = []
        for entry in response.themes.kept():
            by_day = entry.due_on or entry.next_update_on
            if by_day is not None:
                promises.append(self._promise(duty, entry, by_day, day))
        return promises

    def _promise(self, duty: Duty, entry: FeedbackEntry, by_day: date, day: date) -> Duty:
        known = next((p for p in self.world.duties if p.kind == "promise" and p.about_id == entry.pk), None)
        promise = known or Duty("promise", f"{duty.key}-{entry.position}", entry.theme, duty.body, duty.owner, duty.ask)
        if known is None:
            self.world.duties.append(promise)
        promise.about_id, promise.owed_from, promise.due_on = entry.pk, day, by_day
        promise.first_due_on = promise.first_due_on or by_day
        promise.stopped_on = None
        # Only what was promised has an owner; news where nothing is decided is the team's.
        promise.owner = duty.owner if entry.is_promise else None
        if duty.owner:
            self.world.plan_alone(promise, duty.owner, day)
        return promise

    def take_back(self, duty: Duty, by: Person, day: date) -> None:
        """Undo the publishing of an answer, and with it what it promised."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.PUBLISH_ANSWER, consultation)
        feedback_actions.take_back(Response.objects.get(consultation=consultation), by=user)
        duty.done_on, duty.taken_back_on = None, day
        for promise in self.world.duties:
            if promise.kind == "promise" and promise.ask is duty.ask:
                promise.stopped_on = day

    def note(self, duty: Duty, by: Person, day: date, *, heard: bool = False) -> None:
        """Tell families why they have no answer yet and by when they have it; or what was heard so far."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.PUBLISH_ANSWER, consultation)
        chance = self.world.chance(duty.key, "note", str(len(duty.notes)))
        new_date = next_working_day(max(day, duty.due_on or day) + chance.randint(14, 42) * DAY)
        if heard and duty.due_on and duty.due_on > day:
            new_date = duty.due_on
        feedback_actions.publish_holding_note(
            consultation,
            by=user,
            on=day,
            reason="We are still reading what you said.",
            new_date=new_date,
            contact="The team, 01632 960 500",
            heard_so_far="Most of you want later hours." if heard else "",
        )
        duty.notes.append(Note(day, new_date))
        duty.heard = duty.heard or heard
        if not heard:
            # Some keep the new date, some do not.
            duty.plans[by.key] = next_working_day(new_date + chance.randint(-4, 20) * DAY)

    def tell_families(self, duty: Duty, by: Person) -> None:
        """Say how many families were told that the answer is out."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.PUBLISH_ANSWER, consultation)
        feedback_actions.record_told(consultation, by=user, told=40)
        duty.told_families = True

    def keep_promise(self, promise: Duty, by: Person, day: date) -> None:
        """Say that it is done or, of some and once, that it comes later and why."""
        entry = FeedbackEntry.objects.select_related("organisation", "owner", "consultation").get(pk=promise.about_id)
        user = self.allowed(by, Permission.WRITE_ENTRY, entry)
        chance = self.world.chance(promise.key, "keep")
        later = chance.random() < 0.12 and not promise.changed
        facts = {"done_on": day, "what_changed": "It is as you asked."} if not later else {}
        if later:
            by_day = next_working_day(max(day, promise.due_on or day) + chance.randint(30, 90) * DAY)
            facts = _promised(by_day)
        else:
            facts["answer"] = AnswerState.DONE
        feedback_actions.update_entry(entry, by=user, on=day, version=entry.version, **facts)
        if later:
            promise.changed, promise.due_on = True, by_day
            entry.refresh_from_db()
            # What becomes a promise gets its answer's owner.
            answer = self.answer_of(promise)
            promise.owner = promise.owner or answer.owner
            self.world.plan_alone(promise, by, day)
        else:
            promise.done_on = day

    def answer_of(self, promise: Duty) -> Duty:
        """The answer that made a promise."""
        return next(each for each in self.world.duties if each.kind == "answer" and each.ask is promise.ask)

    def report(self, duty: Duty, by: Person, day: date) -> Duty:
        """Publish a report. Returns the next one that is owed."""
        consultation = self.consultation(duty)
        user = self.allowed(by, Permission.PUBLISH_ANSWER, consultation)
        next_on = last_working_day(day + REPORT_WITHIN)
        feedback_actions.publish_report(
            consultation,
            by=user,
            on=day,
            you_said="The room is cold.",
            what_changed="We meet upstairs.",
            took_part=Count(12),
            next_on=next_on,
        )
        duty.done_on = day
        following = Duty(
            "report", f"{duty.key}+", duty.title, duty.body, duty.owner, duty.ask, duty.deputy, duty.about_id,
            owed_from=day, due_on=next_on, first_due_on=next_on,
        )  # fmt: skip
        if duty.owner:
            self.world.plan_alone(following, duty.owner, day)
        self.world.duties.append(following)
        return following

    def do(self, duty: Duty, by: Person, day: date) -> None:
        """Do what is owed."""
        {"answer": self.answer, "promise": self.keep_promise, "report": self.report}[duty.kind](duty, by, day)

    # --- coming and going

    def hand_over(self, person: Person, to: Person, by: Person, day: date) -> None:
        """Somebody leaves, and somebody else takes over what names them."""
        membership = Membership.objects.get(pk=person.membership_id)
        user = self.allowed(by, Permission.MOVE_PEOPLE, membership)
        taker = Membership.objects.select_related("user").get(pk=to.membership_id)
        accounts_actions.end_membership(membership, by=user, on=day, to=taker)
        person.has_left = True
        for duty in self.world.owed_by(person):
            # A consultation that has not closed is handed over too; one that was stopped keeps the names of its time.
            if duty.stopped_on is None:
                self.give(duty, to, day)

    def vanish(self, person: Person) -> None:
        """Somebody leaves and tells nobody: whoever runs the accounts closes theirs."""
        account = self.user(person)
        account.is_active = False
        account.save(update_fields=["is_active"])
        person.has_left = True
        for duty in self.world.owed_by(person):
            duty.plans.pop(person.key, None)

    def give(self, duty: Duty, to: Person, day: date) -> None:
        """Write down that somebody else answers for a thing."""
        duty.owner = to
        if duty.deputy is to:
            duty.deputy = None
        self.world.plan_alone(duty, to, day)

    def name_owner(self, duty: Duty, by: Person, day: date) -> None:
        """Name somebody who is there as the owner of a thing: the deputy, else a lead, else somebody new."""
        to = self.world.successor_of(duty.body, duty.owner) or self.somebody_new(duty.body, by)
        membership = Membership.objects.select_related("user").get(pk=to.membership_id)
        if duty.kind == "promise":
            entry = FeedbackEntry.objects.select_related("organisation", "owner", "consultation").get(pk=duty.about_id)
            user = self.allowed(by, Permission.NAME_PROMISE_OWNER, entry)
            feedback_actions.name_promise_owner(entry, by=user, owner=membership)
        else:
            consultation = self.consultation(duty)
            user = self.allowed(by, Permission.NAME_OWNER, consultation)
            deputy = consultation.deputy
            stays = deputy is not None and deputy.pk != membership.pk and deputy.ended_on is None
            consultations_actions.name_owner(consultation, by=user, owner=membership, deputy=deputy if stays else None)
        self.give(duty, to, day)

    def somebody_new(self, body: Body, by: Person) -> Person:
        """Add a person to a body that has nobody left."""
        key = f"new-manager-of-{body.key}"
        if key not in self.world.people:
            person = Person(key, body, "contributor", "forgetful", f"{key}@larkmoor.example.org")
            arrive(self.world, person, by=self.allowed(by, Permission.ADD_PEOPLE))
            self.world.people[key] = person
        return self.world.people[key]

    # --- looking after the hub

    def sign_in(self, person: Person, now: datetime) -> None:
        """Somebody signs in, which the hub notes as Django does."""
        User.objects.filter(pk=person.user_id).update(last_login=now)

    def change_address(self, person: Person, by: Person, now: datetime) -> None:
        """Put right the address of somebody whose mailbox is gone."""
        old, person.address = person.address, person.address.replace("@", ".new@")
        user = self.allowed(by, Permission.ADD_PEOPLE)
        accounts_actions.change_address(self.user(person), by=user, email=person.address, now=now)
        person.bounces_from = None
        self.world.dead.discard(old)


# --- What they write


def _theme(name: str, day: date) -> dict:
    return {
        "theme": name[:200],
        "you_said": "You told us what would help.",
        "how_many": "about half",
        "quote": "",
        "answer": AnswerState.DONE,
        "we_did": "We did it.",
        "owner_role": "",
        "due_on": None,
        "done_on": day,
        "what_changed": "It is open until six.",
        "next_update_on": None,
        "body": "",
        "body_contact": "",
        "passed_on": None,
    }


def _promised(by_day: date) -> dict:
    return {
        "answer": AnswerState.WILL_DO,
        "we_did": "We will do it.",
        "owner_role": "The team's manager",
        "due_on": by_day,
        "done_on": None,
        "what_changed": "",
        "next_update_on": None,
    }


def _undecided(by_day: date) -> dict:
    return {
        "answer": AnswerState.DECIDING,
        "we_did": "Two places try it first.",
        "next_update_on": by_day,
        "done_on": None,
        "what_changed": "",
    }


def _facts(duty: Duty, day: date) -> dict:
    return {
        "in_short": "You asked for later hours. We open until six.",
        "we_asked": "How to do this better.",
        "total": duty.took_part if duty.took_part is not None else None,
        "total_is_few": duty.took_part is None,
        "by_method": [],
        "who": "Parents and carers from the whole county.",
        "missing": "We heard from few dads. We will visit two groups.",
        "decided_by": "Cabinet",
        "decided_on": day,
        "record_url": "",
        "link_to_views": "We open until six because you asked.",
        "what_next": "It begins next month.",
        "contact_name": "The team",
        "contact_phone": "01632 960 500",
        "contact_email": "team@larkmoor.example.org",
        "formats": "Easy read on request.",
        "was_stopped": False,
    }
