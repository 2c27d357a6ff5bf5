"""What is done about parent checks: who may be asked what, and what families never read."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core import retention, rights
from core.dates import today
from core.duties import duties_of, hand_over
from feedback.models import AnswerState, Origin
from feedback.parents import actions
from feedback.parents.actions import answer, choose, drop, forums, invite, show_words, suggest, tell
from feedback.parents.models import Happened, Months, ParentCheck, Suggestion, Verdict
from feedback.parents.stages import anybody_words, asked_words, months_on
from feedback.parents.tests.factories import ParentCheckFactory, done, reviewer
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db


def say(entry, by, **facts):
    """A forum says that 9 of 12 parents agree."""
    said = {"verdict": "yes", "asked": 12, "agreed": 9, "told_on": today(), "by_service": False, "words": ""} | facts
    return tell(entry, by=by, on=today(), now=timezone.now(), **said)


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2026, 1, 31), 3),
        (date(2026, 4, 29), 3),
        (date(2026, 4, 30), 3),
        (date(2026, 7, 30), 3),
        (date(2026, 7, 31), 6),
        (date(2027, 1, 30), 6),
        (date(2027, 1, 31), 12),
        (date(2029, 1, 31), 12),
    ],
)
def test_a_look_belongs_to_three_six_or_twelve_months_on(day, months):
    assert months_on(date(2026, 1, 31), day) == months


@pytest.mark.parametrize(
    ("asked", "agreed", "words"),
    [
        (1, 1, "Fewer than 5 parents were asked."),
        (4, 0, "Fewer than 5 parents were asked."),
        (5, 5, "5 parents were asked. All of them say that it happened."),
        (5, 0, "5 parents were asked. None of them say that it happened."),
        (12, 9, "12 parents were asked. Most say that it happened."),
        (12, 3, "12 parents were asked. Most say that it did not."),
        (12, 6, "12 parents were asked. 6 say that it happened."),
        (9, 5, "9 parents were asked. Most say that it happened."),
    ],
)
def test_no_number_from_one_to_four_can_be_worked_out(asked, agreed, words):
    assert asked_words(asked, agreed) == words


@pytest.mark.parametrize(
    ("yes", "no", "unsure", "words"),
    [
        (3, 1, 0, ""),
        (3, 1, 1, "5 people or more answered here. Most say that it happened."),
        (1, 6, 0, "5 people or more answered here. Most say that it did not happen."),
        (5, 5, 0, "10 people or more answered here. They do not agree whether it happened."),
    ],
)
def test_what_anybody_answers_is_said_in_steps(yes, no, unsure, words):
    assert anybody_words(yes, no, unsure) == words


@pytest.mark.parametrize(
    "facts",
    [
        {"answer": AnswerState.WILL_DO, "owner_role": "Lead", "due_on": date(2027, 1, 1), "done_on": None},
        {"origin": Origin.FOUND, "source_url": "https://example.org/found"},
        {"published_at": None},
    ],
)
def test_only_what_a_service_calls_done_here_can_be_checked(facts):
    entry = FeedbackEntryFactory(**facts)

    for act in (choose, say):
        with pytest.raises(ValidationError, match="Only what a service says it has done"):
            act(entry, by=reviewer(), **({"on": today()} if act is choose else {}))


def test_a_forum_that_says_it_a_second_time_puts_the_first_right():
    entry, by = done(), reviewer()
    say(entry, by)

    say(entry, by, verdict="no", agreed=0)

    check = ParentCheck.objects.get()
    assert (check.verdict, check.agreed, check.months) == ("no", 0, Months.THREE)


def test_what_parents_say_is_neither_older_than_the_promise_nor_still_to_come():
    entry = done(1)

    with pytest.raises(ValidationError, match="still to come"):
        say(entry, reviewer(), told_on=days(1))
    with pytest.raises(ValidationError, match="after it was done"):
        say(entry, reviewer(), told_on=days(-40))


def test_words_are_read_by_a_person_before_families_see_them():
    check = say(done(), reviewer(), words="My son Kieran of Larch School likes it.")
    editor = MembershipFactory(role=Role.FIS_EDITOR).user

    assert check.words_state == "waiting"
    show_words(check, by=editor, words="My son likes it.")

    check.refresh_from_db()
    assert (check.words, check.words_state) == ("My son likes it.", "shown")
    with pytest.raises(actions.WordsAlreadyRead):
        show_words(check, by=editor, words="Other words")


def test_new_words_wait_again_and_the_same_ones_do_not():
    entry, by = done(), reviewer()
    editor = MembershipFactory(role=Role.FIS_EDITOR).user
    show_words(say(entry, by, words="Yes."), by=editor, words="Yes.")

    assert say(entry, by, words="Yes.").words_state == "shown"
    assert say(entry, by, words="Yes, mostly.").words_state == "waiting"


def test_words_left_out_are_gone_and_what_parents_say_stays():
    check = say(done(), reviewer(), words="My son Kieran")

    actions.leave_words_out(check, by=MembershipFactory(role=Role.FIS_EDITOR).user, why="It names a child")

    check.refresh_from_db()
    assert (check.words, check.verdict) == ("", "yes")


def test_what_a_forum_chose_can_be_dropped_but_not_what_it_has_said():
    entry, by = done(), reviewer()
    drop(choose(entry, by=by, on=today()), by=by.user)
    assert not ParentCheck.objects.exists()

    with pytest.raises(ValidationError, match="Change that"):
        drop(say(entry, by), by=by.user)


def test_a_parent_is_asked_once_and_the_link_works_once():
    entry, by = done(), reviewer()
    check = invite(entry, by=by, on=today(), email="mum@example.org")
    with pytest.raises(ValidationError, match="asked already"):
        invite(entry, by=by, on=today(), email="MUM@example.org")

    assert answer(check, on=today(), now=timezone.now(), verdict="no", words="")
    assert not answer(check, on=today(), now=timezone.now(), verdict="yes", words="")

    check.refresh_from_db()
    assert (check.verdict, check.email, check.by_service) == ("no", "", False)


def test_it_is_said_when_the_service_itself_chose_whom_to_ask():
    entry = done()
    lead = MembershipFactory(organisation=entry.organisation, role=Role.LEAD)

    assert invite(entry, by=lead, on=today(), email="mum@example.org").by_service


def test_the_family_information_service_and_a_forum_choose_for_themselves_but_for_their_own_promises():
    entry = done()
    fis = MembershipFactory(role=Role.FIS_EDITOR)
    assert not invite(entry, by=fis, on=today(), email="a@example.org").by_service
    assert invite(done(organisation=fis.organisation), by=fis, on=today(), email="b@example.org").by_service
    by = reviewer()
    assert not say(entry, by).by_service
    assert say(done(organisation=by.organisation), by).by_service


def test_a_forum_is_offered_five_things_a_quarter_and_not_one_more():
    forum = reviewer().organisation
    entries = [done(4, theme=f"Point {number}") for number in range(7)]
    done(2, theme="Too new to ask about")

    assert suggest(on=today()) == 5
    assert suggest(on=today()) == 0
    assert list(forums()) == [forum]
    assert set(Suggestion.objects.values_list("entry", flat=True)) <= {entry.pk for entry in entries}


def test_the_next_quarter_offers_what_was_not_offered_before():
    reviewer()
    for number in range(7):
        done(4, theme=f"Point {number}")
    suggest(on=today())
    offered = set(Suggestion.objects.values_list("entry", "months"))

    suggest(on=days(92))

    later = set(Suggestion.objects.exclude(quarter=actions.quarter_of(today())).values_list("entry", "months"))
    assert later
    assert not later & offered


def test_what_the_forum_looked_at_is_not_offered_again_in_those_months():
    by = reviewer()
    say(done(), by)

    assert suggest(on=today()) == 0


def test_the_database_keeps_what_a_check_must_have():
    check = ParentCheckFactory()
    for wrong in ({"agreed": 13}, {"told_on": None}, {"asked": None}, {"verdict": ""}, {"words_state": "shown"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ParentCheck.objects.filter(pk=check.pk).update(**wrong)


def test_answers_on_the_page_are_counted_and_nothing_else_is_kept():
    entry = done()
    for said in ("yes", "yes", "no", "unsure"):
        actions.count_answer(entry, said=said)

    counted = Happened.objects.get(entry=entry)
    assert (counted.yes, counted.no, counted.unsure) == (2, 1, 1)


def test_whom_a_link_went_to_is_forgotten_after_its_time():
    by = reviewer()
    old = invite(done(), by=by, on=days(-91), email="old@example.org")
    used = invite(done(5), by=by, on=days(-91), email="used@example.org")
    answer(used, on=days(-90), now=timezone.now(), verdict="yes", words="")
    young = invite(done(6), by=by, on=days(-90), email="young@example.org")

    assert retention.let_go(timezone.now(), only=["invited-parents"]) == {"invited-parents": 2}

    assert not ParentCheck.objects.filter(pk=old.pk).exists()
    used.refresh_from_db()
    assert (used.verdict, used.recipient_hash) == ("yes", "")
    young.refresh_from_db()
    assert young.email == "young@example.org"


def test_a_parent_reads_what_is_held_and_has_it_erased():
    check = invite(done(theme="Waiting"), by=reviewer(), on=today(), email="Mum@example.org")
    answer(check, on=today(), now=timezone.now(), verdict="no", words="It was never done.")
    manager = MembershipFactory(role=Role.FIS_MANAGER).user

    held = rights.held_about("mum@example.org")
    assert [each.facts["in their words"] for each in held] == ["It was never done."]
    rights.erase("mum@example.org", by=manager, now=timezone.now())

    check.refresh_from_db()
    assert (check.verdict, check.words, check.recipient_hash) == (Verdict.NO, "", "")
    assert rights.held_about("mum@example.org") == []


def test_a_reviewer_who_leaves_hands_over_to_another_of_the_forum_only():
    by = reviewer()
    other = reviewer(forum=by.organisation)
    choose(done(), by=by, on=today())

    duties = duties_of(by.pk, today())
    assert [str(duty.what) for duty in duties] == ["Means to ask parents whether it happened"]

    hand_over(by.pk, other.pk, by=by.user, on=today())
    assert ParentCheck.objects.get().chosen_by == other
