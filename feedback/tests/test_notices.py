"""Reminders of answers and promises: who is told what, when, and when it stops."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.actions import leave_promise
from accounts.models import Membership, OrganisationKind, Role
from accounts.stages import upkeep
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory, signs_in
from consultations import actions
from consultations.models import Consultation, ParticipationLevel
from consultations.tests.factories import ConsultationFactory
from core.dates import next_working_day
from feedback import actions as feedback_actions
from feedback.counts import Count
from feedback.models import AnswerState, Draft, FeedbackEntry, Origin
from feedback.tests import answers
from feedback.tests.factories import FeedbackEntryFactory, HoldingNoteFactory, ResponseFactory
from notices import ledger, post
from notices.actions import mend_duties
from notices.defaults import load_steps
from notices.models import Fault, Notice, Step
from notices.question import _put_together, things_statement
from notices.reasons import registered

pytestmark = pytest.mark.django_db

CLOSES = date(2026, 3, 3)
DUE = date(2026, 5, 26)  # 84 days later, a Tuesday
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def shipped_steps(db):
    """The timings that ship with the hub."""
    load_steps()


@pytest.fixture
def council():
    """The hub's own council at the top of the tree, with its lead, who is the sponsor."""
    council = OrganisationFactory(name="Council", kind=OrganisationKind.COUNCIL, promising=True, is_keeper=True)
    member(council, Role.LEAD, "sponsor")
    return council


@pytest.fixture
def service(council):
    """A service of a department of the council; the department has a lead, the service has none."""
    department = OrganisationFactory(name="Department", parent=council)
    member(department, Role.LEAD, "lead")
    member(department, Role.FIS_EDITOR, "fis")
    return OrganisationFactory(name="Short breaks", parent=department, promising=True, mailbox="team@example.org")


def member(organisation, role, name):
    """Somebody with a role, whose address is the name."""
    return MembershipFactory(organisation=organisation, role=role, user=UserFactory(email=f"{name}@example.org"))


def leaves(membership):
    """The person gives up the role."""
    membership.ended_on = CLOSES
    membership.save()


@pytest.fixture
def owner(service):
    """The membership that owns what the service owes."""
    return member(service, Role.CONTRIBUTOR, "owner")


@pytest.fixture
def consultation(service, owner):
    """One that closed on CLOSES and whose answer is due on DUE, with an owner and a deputy."""
    return ConsultationFactory(
        title="Short breaks",
        organisation=service,
        owner=owner,
        deputy=member(service, Role.CONTRIBUTOR, "deputy"),
        opens_on=CLOSES - 60 * DAY,
        closes_on=CLOSES,
        took_part=212,
    )


def takes_no_mail(address: str) -> None:
    """The mail server refused the address for good."""
    refused = (ledger.hash_of(address), address, "550")
    ledger.declare_unreachable([refused], kind=Fault.Kind.ADDRESS, now=at(CLOSES))


def at(day: date, hour: int = 9) -> datetime:
    """A moment in the UK."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def owed(day: date, reason: str = "answer-owed") -> set[tuple]:
    """What is owed on a day: step, repeat, role and the name before the @."""
    return {
        (each.step, each.repeat, each.role, each.address.partition("@")[0])
        for each in ledger.due(registered()[reason], day)
    }


def told(day: date) -> tuple:
    """The one step of a day, and who is told."""
    found = owed(day)
    ((step, repeat),) = {each[:2] for each in found}
    return step, repeat, sorted(each[3] for each in found)


EVERYBODY = ["deputy", "fis", "lead", "owner"]


@pytest.mark.parametrize(
    ("day", "step", "repeat", "who"),
    [
        (CLOSES + DAY, "closed", 0, ["owner"]),
        (CLOSES + 27 * DAY, "closed", 0, ["owner"]),
        (CLOSES + 28 * DAY, "heard_prompt", 0, ["owner"]),
        (DUE - 29 * DAY, "heard_prompt", 0, ["owner"]),
        (DUE - 28 * DAY, "due_28", 0, ["owner"]),
        (DUE - 8 * DAY, "due_28", 0, ["owner"]),
        (DUE - 7 * DAY, "due_7", 0, ["deputy", "lead", "owner"]),
        (DUE - DAY, "due_7", 0, ["deputy", "lead", "owner"]),
        (DUE, "due_today", 0, ["deputy", "owner"]),
        (DUE + DAY, "late_1", 0, EVERYBODY),
        (DUE + 14 * DAY, "late_1", 0, EVERYBODY),
        (DUE + 15 * DAY, "late_15", 0, EVERYBODY),
        (DUE + 28 * DAY, "late_15", 0, EVERYBODY),
        (DUE + 29 * DAY, "late_15", 1, EVERYBODY),
        (DUE + 89 * DAY, "late_15", 5, EVERYBODY),
        (DUE + 90 * DAY, "monthly", 0, [*EVERYBODY, "sponsor"]),
        (DUE + 120 * DAY, "monthly", 1, [*EVERYBODY, "sponsor"]),
        (DUE + 3650 * DAY, "monthly", 118, [*EVERYBODY, "sponsor"]),
    ],
)
def test_chasing_goes_on_before_and_after_the_date_until_there_is_an_answer(consultation, day, step, repeat, who):
    assert told(day) == (step, repeat, who)


def test_chasing_goes_on_while_nobody_looks_after_the_hub(consultation, council, mailoutbox):
    late = DUE + DAY
    signs_in(Membership.objects.of_fis().get().user, at(late - 100 * DAY))
    assert upkeep(late).is_unattended

    ledger.owe(late, at(late))
    post.send(late, at(late))

    assert told(late) == ("late_1", 0, EVERYBODY)
    assert sum("Short breaks" in message.subject for message in mailoutbox) == len(EVERYBODY)


def test_nothing_is_owed_while_it_is_open(consultation):
    assert owed(CLOSES) == set()


def test_publishing_the_answer_ends_it_and_taking_it_back_never_repeats_what_was_sent(consultation, mailoutbox):
    late = DUE + DAY
    ledger.owe(late, at(late))
    post.send(late, at(late))
    assert len(mailoutbox) == 4

    for _time in range(3):
        actions.record_answer(consultation, by=None, on=late)
        assert owed(late + 30 * DAY) == set()
        actions.take_back_answer(consultation, by=None)
        assert told(late) == ("late_1", 0, EVERYBODY)
        assert ledger.owe(late, at(late)) == 0


def test_what_was_struck_out_is_sent_once_the_answer_is_taken_back(consultation, mailoutbox):
    late = DUE + DAY
    ledger.owe(late, at(late))
    actions.record_answer(consultation, by=None, on=late)
    post.send(late, at(late))
    assert mailoutbox == []
    assert Notice.objects.dropped().count() == 4

    actions.take_back_answer(consultation, by=None)
    assert ledger.owe(late, at(late, 10)) == 4
    assert ledger.owe(late, at(late, 10)) == 0
    post.send(late, at(late, 10))

    assert len(mailoutbox) == 4
    assert not Notice.objects.dropped().exists()


def run(day: date, hour: int = 9) -> None:
    """The hub at work once: what is owed is written down, and what may go is sent."""
    ledger.owe(day, at(day, hour))
    post.send(day, at(day, hour))


def on_working_days(first: date, count: int) -> list[date]:
    """So many working days from the first one on."""
    found = [next_working_day(first)]
    while len(found) < count:
        found.append(next_working_day(found[-1] + DAY))
    return found


def test_an_answer_that_comes_and_goes_stops_and_starts_reminders_and_nothing_goes_twice(consultation, mailoutbox):
    late, owner = DUE + DAY, consultation.owner.user
    said = {"facts": answers.facts(decided_on=CLOSES), "themes": [answers.theme(done_on=CLOSES)]}
    run(late)
    assert len(mailoutbox) == 4  # late since yesterday
    fortnight = DUE + 15 * DAY
    ledger.owe(fortnight, at(fortnight))

    response = feedback_actions.publish_response(consultation, by=owner, on=fortnight, **said)
    run(fortnight)
    assert sorted(mail.to[0].partition("@")[0] for mail in mailoutbox[4:]) == ["deputy", "lead", "owner"]
    assert all("Thank you" in mail.subject for mail in mailoutbox[4:])
    del mailoutbox[:]

    feedback_actions.take_back(response, by=owner)
    run(fortnight, 10)
    assert [mail.to for mail in mailoutbox] == [["fis@example.org"]]  # the others had their mail of the day
    run(fortnight + DAY)
    assert sorted(mail.to[0].partition("@")[0] for mail in mailoutbox) == EVERYBODY
    assert all("16 days late" in mail.subject for mail in mailoutbox[1:])
    del mailoutbox[:]

    draft = Draft.objects.get(consultation=consultation).version
    feedback_actions.publish_response(consultation, by=owner, on=fortnight, draft_version=draft, **said)
    for day in on_working_days(fortnight + 2 * DAY, 12):
        run(day)
    assert mailoutbox == []


def test_a_closing_date_that_is_moved_ten_times_is_chased_by_the_last_one_only(service, owner, mailoutbox):
    moved = ConsultationFactory(organisation=service, owner=owner, opens_on=CLOSES - 20 * DAY, closes_on=CLOSES)
    to_and_fro = [CLOSES + number % 2 * 7 * DAY for number in range(1, 6)]
    ever_later = [CLOSES + (7 + number) * DAY for number in range(1, 6)]
    planned = on_working_days(CLOSES - 40 * DAY, 5)
    on_its_last_day = [CLOSES + 7 * DAY, *ever_later[:-1]]
    for day, closes in zip([*planned, *on_its_last_day], [*to_and_fro, *ever_later], strict=True):
        actions.move_closing_date(moved, by=None, closes_on=closes, reason="More time.", on=day)
        run(day)
    assert mailoutbox == []

    due = actions.answer_due(ever_later[-1])
    assert moved.response_due_on == due
    for after in (-83, -56, -28, -7, 0, 1, 15, 29, 90):
        run(next_working_day(due + after * DAY))

    sent = Notice.objects.sent().filter(role="owner").order_by("owed_on").values_list("step", "repeat")
    once = ["closed", "heard_prompt", "due_28", "due_7", "due_today", "late_1"]
    assert list(sent) == [*((step, 0) for step in once), ("late_15", 0), ("late_15", 1), ("monthly", 0)]


def test_a_due_date_that_goes_to_and_fro_is_said_truly_and_once_for_each_date(consultation, mailoutbox):
    other = DUE + 14 * DAY
    dates = [other, DUE] * 5 + [other] * 8
    days = on_working_days(DUE - 3 * DAY, len(dates))
    for day, due in zip(days, dates, strict=True):
        Consultation.objects.update(response_due_on=due)
        ledger.owe(day, at(day))
        # It moves once more between the writing down and the sending, and back.
        Consultation.objects.update(response_due_on=other if due == DUE else DUE)
        ledger.owe(day, at(day))
        Consultation.objects.update(response_due_on=due)
        before = len(mailoutbox)
        post.send(day, at(day))
        words = "today" if day == due else f"{due:%-d %B}"
        assert [mail.body for mail in mailoutbox[before:] if words not in mail.body] == []

    sent = list(Notice.objects.sent().values_list("step", "repeat", "about_on", "address"))
    assert len(sent) == len(set(sent)) == len(mailoutbox)
    known = Notice.objects.dropped().values_list("step", "repeat", "about_on", "address")
    owed_now = {
        (each.step, each.repeat, each.about_on, each.address)
        for each in ledger.due(registered()["answer-owed"], days[-1])
    }
    assert owed_now <= set(sent)
    assert not owed_now & set(known)
    assert not Notice.objects.waiting().exists()


def test_stopping_or_hiding_it_ends_it(consultation):
    Consultation.objects.update(withdrawn_on=CLOSES, withdrawn_reason="Money.", withdrawn_views="Kept.")
    assert owed(DUE + DAY) == set()

    Consultation.objects.update(withdrawn_on=None, archived_at=timezone.now())
    assert owed(DUE + DAY) == set()


def test_a_moved_due_date_is_reminded_of_anew(consultation):
    assert ledger.owe(DUE - 7 * DAY, at(DUE)) == 3
    Consultation.objects.update(response_due_on=DUE + 30 * DAY)

    assert ledger.owe(DUE - 7 * DAY, at(DUE)) == 1  # the closing, once
    assert ledger.owe(DUE + 2 * DAY, at(DUE)) == 1  # due in 28 days, for the owner
    assert ledger.owe(DUE + 23 * DAY, at(DUE)) == 3


def test_without_a_promise_the_owner_is_told_once_that_families_wait(consultation):
    Consultation.objects.update(response_due_on=None, first_due_on=None)

    assert told(CLOSES + DAY) == ("closed", 0, ["owner"])
    assert told(CLOSES + 1000 * DAY) == ("closed", 0, ["owner"])


def test_a_body_that_leaves_the_promise_while_it_is_late_is_chased_on(consultation, service, council):
    late = DUE + 15 * DAY
    before = owed(late)

    for body in (service, council):
        leave_promise(body, by=None, on=late)

    assert before
    assert owed(late) == before
    assert told(DUE + 99 * DAY)[0] == "monthly"


def test_a_level_that_owes_no_answer_is_never_chased(service):
    ConsultationFactory(organisation=service, closed=True, level=ParticipationLevel.INFORMATION)

    assert owed(date(2036, 1, 1)) == set()


def test_a_past_record_owes_nothing_until_a_service_takes_it_on(service):
    past = ConsultationFactory(past=True, organisation=service, closes_on=date(2020, 1, 1))
    assert owed(DUE) == set()

    actions.take_on(past, by=None, owner=member(service, Role.CONTRIBUTOR, "owner"), on=CLOSES + DAY)

    assert told(CLOSES + DAY) == ("closed", 0, ["owner"])
    assert told(DUE + 2 * DAY) == ("late_1", 0, ["fis", "lead", "owner"])


def test_volunteers_are_invited_and_never_escalated(consultation, council):
    forum = OrganisationFactory(volunteer=True, promising=True, parent=council)
    Consultation.objects.update(organisation=forum)

    for day in (DUE - 7 * DAY, DUE + DAY, DUE + 200 * DAY):
        assert {(role, name) for _step, _repeat, role, name in owed(day)} == {("owner", "owner")}


def test_the_team_mailbox_stands_in_for_an_owner_who_has_left(consultation):
    leaves(consultation.owner)

    assert owed(CLOSES + DAY) == {("closed", 0, "team", "team")}

    Consultation.objects.update(team_mailbox="breaks@example.org")
    assert owed(CLOSES + DAY) == {("closed", 0, "team", "breaks")}


def test_an_owner_who_can_no_longer_sign_in_has_left(consultation):
    consultation.owner.user.is_active = False
    consultation.owner.user.save()

    assert owed(CLOSES + DAY) == {("closed", 0, "team", "team")}


def test_the_nearest_of_the_chain_stands_in_for_an_owner_who_is_missing(consultation, service, council):
    leaves(consultation.owner)
    service.mailbox = ""
    service.save()
    assert owed(CLOSES + DAY) == {("closed", 0, "deputy", "deputy")}

    leaves(consultation.deputy)
    assert owed(CLOSES + DAY) == {("closed", 0, "lead", "lead")}
    ledger.owe(CLOSES + DAY, at(CLOSES))
    assert Fault.objects.open().get().kind == Fault.Kind.OWNERLESS

    service.parent.memberships.filter(role=Role.LEAD).update(ended_on=CLOSES)
    council.memberships.update(ended_on=CLOSES)
    assert owed(CLOSES + DAY) == {("closed", 0, "fis", "fis")}


def test_the_chain_of_a_step_is_data(consultation):
    leaves(consultation.owner)
    Step.objects.filter(key="closed").update(chain=["lead", "team"])

    assert owed(CLOSES + DAY) == {("closed", 0, "lead", "lead")}

    Step.objects.filter(key="closed").update(chain=[])
    assert owed(CLOSES + DAY) == set()


def test_where_a_step_tells_only_people_who_are_missing_somebody_stands_in(consultation, service, council):
    Step.objects.filter(key="due_28").update(recipients=["lead"])
    for body in (council, service.parent):
        body.memberships.filter(role=Role.LEAD).update(ended_on=CLOSES)
    leaves(consultation.owner)

    assert told(DUE - 28 * DAY) == ("due_28", 0, ["team"])


def test_an_owner_who_has_left_is_a_fault_until_another_one_is_named(consultation, service):
    leaves(consultation.owner)
    ledger.owe(CLOSES + DAY, at(CLOSES))
    assert Fault.objects.open().get().kind == Fault.Kind.OWNERLESS

    Consultation.objects.update(owner=member(service, Role.CONTRIBUTOR, "new"))
    ledger.owe(CLOSES + DAY, at(CLOSES))

    assert not Fault.objects.open().exists()
    assert owed(CLOSES + DAY) == {("closed", 0, "owner", "new")}


def test_nobody_writes_to_an_address_that_takes_no_mail_and_others_are_told(consultation):
    takes_no_mail("owner@example.org")

    assert owed(CLOSES + DAY) == {("closed", 0, "team", "team")}

    takes_no_mail("lead@example.org")
    assert told(DUE + DAY) == ("late_1", 0, ["deputy", "fis", "team"])


def test_a_duty_with_nobody_is_a_fault_and_the_family_information_service_hears(consultation, service):
    leaves(consultation.owner)
    Consultation.objects.update(deputy=None)
    service.mailbox = ""
    service.save()
    lead_memberships = service.parent.memberships.filter(role=Role.LEAD)
    lead_memberships.update(ended_on=CLOSES)
    service.parent.parent.memberships.update(ended_on=CLOSES)

    ledger.owe(CLOSES + DAY, at(CLOSES))

    assert list(Notice.objects.values_list("role", flat=True)) == ["fis"]
    assert Fault.objects.open().get().kind == Fault.Kind.NOBODY


def test_the_leads_told_are_those_that_leads_of_names(council, consultation, service):
    """The SQL for every organisation says the same as the method for one."""
    from accounts.models import Membership

    second = member(service.parent, Role.LEAD, "second")
    outside = OrganisationFactory(promising=True)
    for organisation in (council, service, service.parent, outside):
        Consultation.objects.update(organisation=organisation)
        organisation.refresh_from_db()
        leads = {each.user.email.partition("@")[0] for each in Membership.objects.leads_of(organisation)}
        assert {name for *_rest, role, name in owed(DUE + DAY) if role == "lead"} == leads

    leaves(second)
    Consultation.objects.update(organisation=service)
    assert {name for *_rest, role, name in owed(DUE + DAY) if role == "lead"} == {"lead"}


def test_one_person_in_several_roles_gets_it_once(consultation, service):
    for role in (Role.LEAD, Role.FIS_MANAGER):
        MembershipFactory(user=consultation.owner.user, organisation=service, role=role)

    assert [each for each in owed(DUE + DAY) if each[3] == "owner"] == [("late_1", 0, "owner", "owner")]


# --- What was heard so far, and new dates


def test_the_prompt_to_say_what_was_heard_ends_once_it_is_said(consultation):
    prompt = CLOSES + 28 * DAY
    HoldingNoteFactory(consultation=consultation, heard_so_far=" ")
    assert told(prompt) == ("heard_prompt", 0, ["owner"])

    HoldingNoteFactory(consultation=consultation, heard_so_far="You want nights.")
    assert told(prompt) == ("closed", 0, ["owner"])


def test_who_promised_no_date_is_not_prompted_for_what_was_heard(consultation):
    Consultation.objects.update(response_due_on=None, first_due_on=None)

    assert told(CLOSES + 28 * DAY) == ("closed", 0, ["owner"])


def test_the_prompt_opens_the_form_of_the_note(consultation, mailoutbox):
    day = CLOSES + 28 * DAY
    ledger.owe(day, at(day))
    post.send(day, at(day))

    assert f"/desk/answers/{consultation.slug}/holding-note/?heard=1" in mailoutbox[0].body
    assert "Say what you have heard so far:" in mailoutbox[0].body


def test_the_new_date_of_a_note_is_chased_beside_the_answer(consultation, mailoutbox):
    new = DUE + 30 * DAY
    HoldingNoteFactory(consultation=consultation, new_date=new)

    assert owed(new - 8 * DAY, "note-owed") == set()
    assert owed(new - 7 * DAY, "note-owed") == {("note_7", 0, "owner", "owner"), ("note_7", 0, "deputy", "deputy")}
    assert {each[3] for each in owed(new + DAY, "note-owed")} == {"owner", "deputy", "lead"}
    # The note stops nothing.
    assert told(new + DAY) == ("late_15", 1, EVERYBODY)

    ledger.owe(new + DAY, at(new + DAY))
    post.send(new + DAY, at(new + DAY))
    mail = next(each for each in mailoutbox if each.to == ["owner@example.org"])
    assert mail.subject == "Answer is 31 days late (was due 26 May): Short breaks"
    assert "You told families: by Thursday 25 June. That was yesterday" in mail.body
    assert mail.body.count("Write the answer:") == 1


def test_only_the_latest_note_counts_and_publishing_ends_it(consultation):
    HoldingNoteFactory(consultation=consultation, new_date=DUE)
    HoldingNoteFactory(consultation=consultation, new_date=DUE + 30 * DAY)
    assert owed(DUE + DAY, "note-owed") == set()

    later = DUE + 31 * DAY
    assert owed(later, "note-owed")
    actions.record_answer(consultation, by=None, on=later)
    assert owed(later, "note-owed") == set()


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (7, "You told families: by Tuesday 26 May, in 7 days"),
        (1, "You told families: by tomorrow, Tuesday 26 May"),
        (0, "You told families: by today"),
        (-1, "You told families: by Tuesday 26 May. That was yesterday"),
        (-9, "You told families: by Tuesday 26 May. That was 9 days ago"),
    ],
)
def test_how_far_off_a_new_date_is_said_as_of_the_day(consultation, days, words):
    HoldingNoteFactory(consultation=consultation, new_date=DUE)

    line = registered()["note-owed"].lines([consultation.pk], DUE - days * DAY)[consultation.pk]

    assert line.what.replace(" 2026", "") == words


# --- Thank you


def answer(consultation, on: date, **facts):
    """The answer comes out."""
    actions.record_answer(consultation, by=None, on=on)
    return ResponseFactory(consultation=consultation, **facts)


def test_whoever_answered_is_thanked_once_and_asked_how_many_were_told(consultation, mailoutbox):
    answer(consultation, DUE)
    for day in (DUE, DUE, DUE + DAY, DUE + 13 * DAY):
        ledger.owe(day, at(day))
        post.send(day, at(day))

    assert sorted(mail.to[0].partition("@")[0] for mail in mailoutbox) == ["deputy", "lead", "owner"]
    assert mailoutbox[0].subject.startswith("The 212 families who gave their views have their answer. Thank you.")
    assert f"/desk/answers/{consultation.slug}/told/" in mailoutbox[0].body
    assert "What you owe" not in mailoutbox[0].body


def test_the_thank_you_says_how_many_were_told(consultation):
    response = answer(consultation, DUE, told=180)
    reason = registered()["answer-published"]

    line = reason.lines([consultation.pk], DUE)[consultation.pk]
    assert line.what.endswith("Thank you. You told 180 families.")
    assert line.button_url == consultation.get_absolute_url()

    for few in (0, 4):
        response.told = few
        response.save()
        assert "You told" not in reason.lines([consultation.pk], DUE)[consultation.pk].what


@pytest.mark.parametrize("took_part", [None, 0])
def test_without_a_number_that_may_be_said_the_thank_you_says_none(consultation, took_part):
    Consultation.objects.update(took_part=took_part)
    answer(consultation, DUE)

    line = registered()["answer-published"].lines([consultation.pk], DUE)[consultation.pk]
    assert line.what == "Families have their answer. Thank you."


def test_nobody_is_thanked_for_what_was_answered_long_ago_or_taken_back_or_found_elsewhere(consultation, service):
    response = answer(consultation, DUE)
    assert owed(DUE + 13 * DAY, "answer-published")
    assert owed(DUE + 14 * DAY, "answer-published") == set()

    response.published_at = None
    response.save()
    assert owed(DUE, "answer-published") == set()

    ConsultationFactory(past=True, organisation=service, responded_on=DUE, outcome="found")
    assert owed(DUE, "answer-published") == set()


# --- What the mail says


def test_the_mail_says_what_is_owed_to_how_many_and_opens_the_form(consultation, mailoutbox, settings):
    settings.HUB_BASE_URL = "https://hub.example.org"
    late = DUE + 12 * DAY
    ledger.owe(late, at(late))
    post.send(late, at(late), at_once=True)

    mail = next(each for each in mailoutbox if each.to == ["owner@example.org"])
    assert mail.subject == "Answer is 12 days late (was due 26 May): Short breaks"
    assert "212 families are waiting." in mail.body
    assert re.search(rf"https://hub.example.org/go/[\w-]+/desk/answers/{consultation.slug}/\n", mail.body)
    assert "You get this because you are named as its owner." in mail.body
    assert "What you owe families" in mail.body
    fis = next(each for each in mailoutbox if each.to == ["fis@example.org"])
    assert "What services owe families" in fis.body
    assert "You get this because you look after the hub." in fis.body


def test_the_sponsor_is_shown_the_page_and_not_the_form(consultation, mailoutbox, settings):
    day = DUE + 90 * DAY
    ledger.owe(day, at(day))
    post.send(day, at(day), at_once=True)

    mail = next(each for each in mailoutbox if each.to == ["sponsor@example.org"])
    assert f"{settings.HUB_BASE_URL}{consultation.get_absolute_url()}" in mail.body
    assert "/desk/answers/" not in mail.body


@pytest.mark.parametrize("few", [None, 0, 4])
def test_a_number_that_could_point_at_somebody_is_not_said(consultation, mailoutbox, few):
    Consultation.objects.update(took_part=None if few == 4 else few, took_part_is_few=few == 4)
    ledger.owe(DUE + DAY, at(DUE))
    post.send(DUE + DAY, at(DUE), at_once=True)

    assert mailoutbox
    assert all("families are waiting" not in mail.body for mail in mailoutbox)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (CLOSES + DAY, "Answer due in 83 days, on Tuesday 26 May"),
        (DUE - DAY, "Answer due tomorrow, Tuesday 26 May"),
        (DUE, "Answer due today"),
        (DUE + DAY, "Answer is 1 day late (was due 26 May)"),
    ],
)
def test_how_long_is_said_as_of_the_day_it_is_sent(consultation, day, words):
    lines = registered()["answer-owed"].lines([consultation.pk], day)

    assert lines[consultation.pk].what.replace(" 2026", "") == words


def test_naming_somebody_who_gets_no_mail_mends_nothing_and_naming_somebody_who_does_mends_at_once():
    lonely = ConsultationFactory(organisation__mailbox="", opens_on=CLOSES - 60 * DAY, closes_on=CLOSES)
    leaves(lonely.owner)
    ledger.owe(DUE, at(DUE))
    assert {fault.kind for fault in Fault.objects.open()} == {Fault.Kind.NOBODY}

    for name, still_broken in (("dead", True), ("alive", False)):
        if still_broken:
            takes_no_mail(f"{name}@example.org")
        owner = member(lonely.organisation, Role.CONTRIBUTOR, name)
        actions.name_owner(lonely, by=None, owner=owner)
        mend_duties(by=None, on=DUE, now=at(DUE, 10))
        assert Fault.objects.open().filter(kind=Fault.Kind.NOBODY).exists() == still_broken

    assert Notice.objects.waiting().get().address == "alive@example.org", "told at the next sending, not in an hour"


@pytest.mark.parametrize("count", [1, 20])
def test_many_late_answers_take_no_more_queries(consultation, service, django_assert_num_queries, mailoutbox, count):
    for _each in range(count - 1):
        ConsultationFactory(
            organisation=service, owner=consultation.owner, opens_on=CLOSES - 60 * DAY, closes_on=CLOSES
        )
    Consultation.objects.update(deputy=None)
    service.parent.memberships.update(ended_on=CLOSES)

    # what is astir, three for events, five each for three reasons, the count, who looks after it, who reads
    with django_assert_num_queries(25):
        ledger.owe(DUE + DAY, at(DUE))
    with django_assert_num_queries(26):  # two mails: the owner's and a lead's; the names and contacts in them
        post.send(DUE + DAY, at(DUE), at_once=True)
    assert mailoutbox[0].body.count("late (was due") == count


def test_a_statement_that_is_kept_all_day_asks_nothing_and_says_the_same(django_assert_num_queries):
    kept = [reason for reason in registered().values() if reason.by_day_alone]
    assert len(kept) > 5

    for reason in kept:
        with django_assert_num_queries(0):
            assert things_statement(reason, DUE) == _put_together(reason, DUE), reason.name


def test_a_statement_that_is_kept_for_one_day_is_not_that_of_another():
    reason = next(each for each in registered().values() if each.by_day_alone)

    assert things_statement(reason, DUE) != things_statement(reason, DUE + DAY)


# --- Promises


@pytest.fixture
def promise(service, owner):
    """A promise of the service that falls due on DUE, with an owner."""
    return FeedbackEntryFactory(promised=True, organisation=service, owner=owner, due_on=DUE)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (DUE - 8 * DAY, set()),
        (DUE - 7 * DAY, {("promise_7", 0, "owner", "owner")}),
        (DUE + DAY, {("promise_past_1", 0, "owner", "owner"), ("promise_past_1", 0, "lead", "lead")}),
        (
            DUE + 29 * DAY,
            {
                ("promise_past_15", 1, "owner", "owner"),
                ("promise_past_15", 1, "lead", "lead"),
                ("promise_past_15", 1, "fis", "fis"),
            },
        ),
        (
            DUE + 120 * DAY,
            {("promise_monthly", 1, name, name) for name in ("owner", "lead", "fis", "sponsor")},
        ),
    ],
)
def test_a_promise_is_chased_before_its_day_after_it_every_fortnight_and_then_every_month(promise, day, expected):
    assert owed(day, "promise-owed") == expected


def test_a_kept_promise_is_not_chased(promise):
    FeedbackEntry.objects.update(answer=AnswerState.DONE, done_on=DUE, what_changed="A new form.")

    assert owed(DUE + DAY, "promise-owed") == set()


def test_news_promised_where_nothing_was_decided_is_chased_on_its_own_date(promise):
    FeedbackEntry.objects.update(answer=AnswerState.DECIDING, next_update_on=DUE + 30 * DAY, we_did="The board meets.")

    assert owed(DUE + DAY, "promise-owed") == set()
    assert ("promise_7", 0, "owner", "owner") in owed(DUE + 23 * DAY, "promise-owed")


def test_an_entry_found_elsewhere_is_never_chased(promise):
    FeedbackEntry.objects.update(origin=Origin.FOUND, source_url="https://example.org/ysw")

    assert owed(DUE + DAY, "promise-owed") == set()


def test_a_promise_of_a_role_only_goes_to_the_team(promise):
    FeedbackEntry.objects.update(owner=None, owner_role="Therapies manager")

    assert owed(DUE - 7 * DAY, "promise-owed") == {("promise_7", 0, "team", "team")}


def test_answers_and_promises_of_one_person_share_one_mail(consultation, promise, mailoutbox):
    day = DUE + DAY
    ledger.owe(day, at(day))
    post.send(day, at(day))

    (mail,) = (each for each in mailoutbox if each.to == ["owner@example.org"])
    assert "Answer is 1 day late" in mail.body
    assert "Promise is 1 day past its date" in mail.body
    assert f"/desk/entries/{promise.pk}/" in mail.body


# --- Reports


@pytest.fixture
def panel(service, owner):
    """A standing opportunity whose report is due on DUE, with an owner and a deputy."""
    return ConsultationFactory(
        title="A panel",
        standing=True,
        organisation=service,
        owner=owner,
        deputy=member(service, Role.CONTRIBUTOR, "deputy"),
        opens_on=DUE - 183 * DAY,
        next_report_on=DUE,
        took_part=212,
    )


def publish_report(panel, on: date, next_on: date):
    """The service reports."""
    return feedback_actions.publish_report(
        panel,
        by=None,
        on=on,
        you_said="Groups are early.",
        what_changed="Two meet at 5pm.",
        took_part=Count(23),
        next_on=next_on,
    )


@pytest.mark.parametrize(
    ("day", "step", "repeat", "who"),
    [
        (DUE - 28 * DAY, "report_28", 0, ["owner"]),
        (DUE - 8 * DAY, "report_28", 0, ["owner"]),
        (DUE - 7 * DAY, "report_7", 0, ["deputy", "lead", "owner"]),
        (DUE, "report_today", 0, ["deputy", "owner"]),
        (DUE + DAY, "report_late_1", 0, EVERYBODY),
        (DUE + 14 * DAY, "report_late_1", 0, EVERYBODY),
        (DUE + 15 * DAY, "report_late_15", 0, EVERYBODY),
        (DUE + 29 * DAY, "report_late_15", 1, EVERYBODY),
        (DUE + 90 * DAY, "report_monthly", 0, [*EVERYBODY, "sponsor"]),
        (DUE + 120 * DAY, "report_monthly", 1, [*EVERYBODY, "sponsor"]),
        (DUE + 3650 * DAY, "report_monthly", 118, [*EVERYBODY, "sponsor"]),
    ],
)
def test_a_report_is_chased_like_an_answer(panel, day, step, repeat, who):
    found = owed(day, "report-owed")

    assert {each[:2] for each in found} == {(step, repeat)}
    assert sorted(each[3] for each in found) == who
    assert owed(day) == set()


def test_no_report_is_chased_more_than_four_weeks_before_its_day(panel):
    assert owed(DUE - 29 * DAY, "report-owed") == set()


def test_publishing_a_report_ends_its_reminders_and_the_next_day_owes_anew(panel, mailoutbox):
    late = DUE + DAY
    ledger.owe(late, at(late))
    post.send(late, at(late))
    assert len(mailoutbox) == 4
    following = late + 180 * DAY

    report = publish_report(panel, late, following)
    assert owed(late, "report-owed") == owed(following - 29 * DAY, "report-owed") == set()
    assert owed(following - 28 * DAY, "report-owed") == {("report_28", 0, "owner", "owner")}

    feedback_actions.take_back_report(report, by=None, on=late)
    assert ledger.owe(late, at(late)) == 0  # what was sent is never sent again
    assert ledger.owe(DUE + 15 * DAY, at(DUE + 15 * DAY)) == 4


def test_a_reminder_that_waits_is_struck_out_when_the_report_comes(panel, mailoutbox):
    ledger.owe(DUE - 7 * DAY, at(DUE))
    publish_report(panel, DUE - 7 * DAY, DUE + 100 * DAY)

    post.send(DUE - 7 * DAY, at(DUE))

    assert mailoutbox == []
    assert Notice.objects.dropped().count() == 3


def test_a_report_is_owed_only_where_it_was_promised_and_families_can_still_join(panel):
    late = DUE + DAY
    for facts in (
        {"next_report_on": None},
        {"next_report_on": None, "closes_on": DUE},
        {"withdrawn_on": DUE, "withdrawn_reason": "Money.", "withdrawn_views": "Kept."},
        {"archived_at": timezone.now()},
    ):
        before = {name: getattr(panel, name) for name in facts}
        Consultation.objects.update(**facts)
        assert owed(late, "report-owed") == set(), facts
        Consultation.objects.update(**before)
    assert owed(late, "report-owed")


def test_a_panel_that_gets_a_closing_day_owes_an_answer_and_no_report(panel):
    closes = DUE + 10 * DAY
    actions.move_closing_date(panel, by=None, closes_on=closes, reason="The panel ends.", on=DUE)

    after = closes + 200 * DAY
    assert owed(after, "report-owed") == set()
    assert {each[0] for each in owed(after)} == {"monthly"}


def test_volunteers_are_invited_to_report_and_never_escalated(panel, council):
    forum = OrganisationFactory(volunteer=True, promising=True, parent=council)
    Consultation.objects.update(organisation=forum)

    for day in (DUE - 7 * DAY, DUE + DAY, DUE + 200 * DAY):
        assert {(role, name) for _step, _repeat, role, name in owed(day, "report-owed")} == {("owner", "owner")}


def test_the_team_stands_in_for_an_owner_of_a_report_who_has_left(panel):
    leaves(panel.owner)

    assert owed(DUE - 28 * DAY, "report-owed") == {("report_28", 0, "team", "team")}


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (DUE - 28 * DAY, "Report due in 28 days, on Tuesday 26 May"),
        (DUE - DAY, "Report due tomorrow, Tuesday 26 May"),
        (DUE, "Report due today"),
        (DUE + DAY, "Report is 1 day late (was due 26 May)"),
        (DUE + 12 * DAY, "Report is 12 days late (was due 26 May)"),
    ],
)
def test_how_long_a_report_has_is_said_as_of_the_day_it_is_sent(panel, day, words):
    line = registered()["report-owed"].lines([panel.pk], day)[panel.pk]

    assert line.what == words
    assert line.families == ("212 families are waiting." if day > DUE else "")
    assert line.due_on == DUE


def test_the_mail_opens_the_form_of_the_report(panel, mailoutbox):
    late = DUE + 12 * DAY
    ledger.owe(late, at(late))
    post.send(late, at(late), at_once=True)

    mail = next(each for each in mailoutbox if each.to == ["owner@example.org"])
    assert mail.subject == "Report is 12 days late (was due 26 May): A panel"
    assert f"/desk/reports/{panel.slug}/" in mail.body
    assert "Publish the report." in mail.body
    assert "212 families are waiting." in mail.body


@pytest.mark.parametrize("count", [1, 20])
def test_what_is_said_of_reports_takes_one_query(panel, service, django_assert_num_queries, count):
    ids = [panel.pk]
    for _each in range(count - 1):
        ids.append(ConsultationFactory(standing=True, organisation=service, owner=panel.owner).pk)

    with django_assert_num_queries(1):
        assert len(registered()["report-owed"].lines(ids, DUE)) == count
