"""What is decided about what families tell us, and that none of it is kept longer than it may be."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Organisation, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory, days
from core import duties, retention, rights
from core.dates import next_working_day, today
from feedback import actions as loop
from feedback.comments import actions
from feedback.comments.actions import FOLLOWED, many_words
from feedback.comments.models import About, Checker, Comment, HelpRoute, Kind, Outcome
from feedback.comments.tests.factories import CheckerFactory, CommentFactory, HelpRouteFactory
from feedback.local_offer import actions as local_offer
from feedback.local_offer import report
from feedback.models import AnswerState, FeedbackEntry, HeardFrom, LeftOut, LocalOfferPart
from feedback.stages import ANSWERS, PointStage, owing_points
from feedback.tests.factories import FeedbackEntryFactory
from notices import actions as notices
from notices import ledger, post
from notices.defaults import load_steps
from notices.followables import Key
from notices.ledger import hash_of
from notices.links import CONFIRM
from notices.models import Cadence, Notice, SignUp, Subscription
from notices.reasons import registered

pytestmark = pytest.mark.django_db
SECRET = "Kieran Ashworth of 4 Mill Lane"


@pytest.fixture
def fis():
    """Somebody who looks after the hub."""
    return MembershipFactory(role=Role.FIS_EDITOR).user


@pytest.fixture
def service():
    """A service that has promised to answer, with a lead."""
    body = OrganisationFactory(promising=True, name="Short breaks", mailbox="team@example.org")
    MembershipFactory(organisation=body, role=Role.LEAD)
    return body


def passed_on(comment, fis, service, **facts) -> FeedbackEntry:
    """Put before the service in words that were checked."""
    said = {
        "organisation": service,
        "theme": "No club",
        "you_said": "There is no club on Saturdays.",
        "part": LocalOfferPart.NOT,
        "is_gap": comment.kind == Kind.MISSING,
    }
    return actions.pass_on(comment, by=fis, on=today(), **said | facts)


def everywhere(words: str) -> list[str]:
    """The tables in which these words stand, in any column."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{words}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


# Passing it on


def test_what_passes_stands_in_the_log_and_owes_an_answer_by_the_same_clock(client, fis, service):
    comment = CommentFactory(kind=Kind.MISSING, text=SECRET)

    entry = passed_on(comment, fis, service)

    assert entry.answer_due_on == next_working_day(today() + timedelta(days=84))
    assert entry in owing_points(today())
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "Answer due by" in page
    assert "Kieran" not in page
    assert "No club" in client.get("/tell-us/gaps/").content.decode()
    comment.refresh_from_db()
    assert (comment.outcome, comment.entry, comment.decided_by) == (Outcome.PASSED_ON, entry, fis)
    assert everywhere("Kieran Ashworth") == ["feedback_comment"]


def test_a_service_below_one_that_promised_has_promised_and_another_has_no_day(fis, service):
    below = OrganisationFactory(parent=service)
    other = OrganisationFactory()

    assert passed_on(CommentFactory(), fis, below).answer_due_on is not None
    entry = passed_on(CommentFactory(), fis, other)

    assert entry.answer_due_on is None
    assert ANSWERS.of(entry, days(400)) == PointStage.AWAITING


@pytest.mark.parametrize(("after", "stage"), [(0, "awaiting"), (84, "awaiting"), (100, "late")])
def test_its_stage_is_the_same_for_one_and_for_a_list(fis, service, after, stage):
    entry = passed_on(CommentFactory(), fis, service)
    day = today() + timedelta(days=after)

    assert ANSWERS.of(entry, day) == stage
    for each in PointStage:
        assert FeedbackEntry.objects.filter(ANSWERS.within(each, day)).exists() is (each == stage)


def answered(entry, by, answer=AnswerState.CANNOT, **facts):
    """The service says something."""
    said = {"answer": answer, "we_did": "There is no hall.", "next_update_on": None}
    return loop.update_entry(entry, by=by, on=today(), version=entry.version, **said | facts)


def test_an_answer_stops_the_clock_and_not_decided_does_not(fis, service):
    entry = passed_on(CommentFactory(), fis, service)

    entry = answered(entry, fis, AnswerState.DECIDING, next_update_on=days(20))
    assert entry.answered_on is None
    assert entry in owing_points(today())

    entry = answered(entry, fis)
    assert entry.answered_on == today()
    assert not owing_points(today()).exists()


def test_it_lacks_words_or_counts_a_small_group_and_is_refused(fis, service):
    with pytest.raises(ValidationError) as refused:
        passed_on(CommentFactory(), fis, service, theme=" ", you_said="3 parents said it")

    assert set(refused.value.message_dict) == {"theme", "you_said"}
    assert Comment.objects.waiting().count() == 1
    assert not FeedbackEntry.objects.exists()


def test_two_people_cannot_decide_about_one(fis, service):
    comment = CommentFactory()
    passed_on(comment, fis, service)

    for decide in (
        lambda: passed_on(comment, fis, service),
        lambda: actions.leave_out(comment, by=fis, on=today(), why=LeftOut.ABUSE),
        lambda: actions.refer(comment, by=fis, on=today(), now=timezone.now(), referred_to="The front door"),
    ):
        with pytest.raises(actions.AlreadyDecided):
            decide()


def test_what_staff_heard_is_checked_too_and_keeps_where_it_was_said(fis, service):
    event, consultation = EventFactory(), ConsultationFactory()
    facts = {"about": About.SERVICE, "kind": Kind.WELL, "text": "Good", "heard_on": days(-3), "people": 18}
    comment = actions.enter_heard(by=fis, now=timezone.now(), event=event, heard_from=HeardFrom.EVENT, **facts)
    other = actions.enter_heard(
        by=fis, now=timezone.now(), consultation=consultation, heard_from=HeardFrom.FORUM, **facts
    )

    entry, second = passed_on(comment, fis, service), passed_on(other, fis, service)

    assert (entry.event, entry.heard_from, entry.heard_on) == (event, HeardFrom.EVENT, days(-3))
    assert entry.how_many == "10 people or more"
    assert second.consultation == consultation


# The same point from many


@pytest.mark.parametrize(
    ("people", "words"),
    [(1, ""), (2, "fewer than 5 people"), (4, "fewer than 5 people"), (5, "5 people or more"), (9, "5 people or more")],
)
def test_a_few_are_never_counted_nor_by_subtraction(people, words):
    assert many_words(people) == words


def test_the_same_point_from_many_adds_up(fis, service):
    entry = passed_on(CommentFactory(), fis, service)
    for people in (1, 2):
        actions.merge(CommentFactory(people=people), by=fis, on=today(), entry=entry)
    entry.refresh_from_db()
    assert entry.how_many == "fewer than 5 people"

    actions.merge(CommentFactory(people=8), by=fis, on=today(), entry=entry)

    entry.refresh_from_db()
    assert entry.how_many == "10 people or more"
    assert entry.you_said == "There is no club on Saturdays."


# A safety concern


def test_a_safety_concern_leaves_only_that_it_was_referred_when_and_to_whom(fis, service):
    comment = actions.tell(
        on=today(),
        now=timezone.now(),
        who="parent",
        about=About.SERVICE,
        kind=Kind.BETTER,
        organisation=service,
        text=SECRET,
        name="Dawn Ashworth",
        email="dawn.secret@example.com",
    )
    now = timezone.now()
    keys = [Key(FOLLOWED, comment.pk)]
    notices.ask_to_follow(address="dawn.secret@example.com", keys=keys, cadence=Cadence.AT_ONCE, on=today(), now=now)
    load_steps()
    ledger.owe(today(), now)

    actions.refer(comment, by=fis, on=today(), now=now, referred_to="Children’s services")

    comment.refresh_from_db()
    assert (comment.outcome, comment.decided_on, comment.referred_to) == (
        Outcome.REFERRED,
        today(),
        "Children’s services",
    )
    for words in ("Kieran", "Mill Lane", "Dawn", "dawn.secret"):
        assert everywhere(words) == [], words
    assert comment.organisation is None
    # Nor does an earlier version of its row say whom it was about.
    (kept,) = apps.get_model("feedback", "CommentHistory").objects.filter(pgh_obj=comment)
    assert (kept.organisation_id, kept.outcome) == (None, Outcome.REFERRED)
    assert not SignUp.objects.exists()


def test_it_is_not_referred_without_saying_to_whom(fis):
    comment = CommentFactory()

    with pytest.raises(ValidationError):
        actions.refer(comment, by=fis, on=today(), now=timezone.now(), referred_to=" ")

    comment.refresh_from_db()
    assert comment.text


# About one person


def test_who_wrote_about_one_person_is_told_who_can_help_and_their_words_go_nowhere(fis, mailoutbox):
    load_steps()
    comment = actions.tell(
        on=today(), now=timezone.now(), who="parent", about=About.EXPERIENCE, kind=Kind.BETTER, text=SECRET,
        email="Dawn@example.com",
    )  # fmt: skip

    actions.point_to_help(comment, by=fis, on=today(), routes=[HelpRouteFactory(name="Plan team")])
    for _run in range(2):
        ledger.owe(today(), timezone.now())
        post.send(today(), timezone.now(), at_once=True)

    (mail,) = [each for each in mailoutbox if each.to == ["dawn@example.com"]]
    assert "Plan team: 01632 960 211" in mail.body
    assert "Kieran" not in f"{mail.subject}{mail.body}{mail.alternatives}"
    assert "/tell-us/#help" in mail.body
    comment.refresh_from_db()
    assert comment.outcome == Outcome.HELPED


def test_without_an_address_nobody_is_written_to(fis, mailoutbox):
    load_steps()
    actions.point_to_help(CommentFactory(), by=fis, on=today(), routes=[HelpRouteFactory()])

    ledger.owe(today(), timezone.now())

    assert not Notice.objects.filter(reason="point-to-help").exists()


# Left out


@pytest.mark.parametrize(
    ("why", "outcome", "left_out"),
    [
        (LeftOut.ABUSE, Outcome.LEFT_OUT, LeftOut.ABUSE),
        ("not_ours", Outcome.NOT_OURS, ""),
        ("program", Outcome.PROGRAM, ""),
    ],
)
def test_what_is_left_out_has_a_counted_reason_and_can_be_opened_again(fis, why, outcome, left_out):
    comment = CommentFactory()

    actions.leave_out(comment, by=fis, on=today(), why=why)
    comment.refresh_from_db()
    assert (comment.outcome, comment.left_out) == (outcome, left_out)

    actions.reopen(comment, by=fis)
    assert Comment.objects.to_read().get() == comment


def test_what_is_folded_up_is_closed_a_page_at_a_time_and_only_that(fis):
    folded = CommentFactory.create_batch(3, suspicion="links")
    plain = CommentFactory()

    count = actions.close_folded([each.pk for each in [*folded, plain]], by=fis, on=today())

    assert count == 3
    assert list(Comment.objects.waiting()) == [plain]


# The report of the local offer


def test_the_report_of_the_local_offer_and_this_log_match_to_the_last_entry(fis, service):
    """Every comment on it is in the report with its point, or counted among those left out, and none is in both."""
    about = {"about": About.LOCAL_OFFER, "heard_on": days(-5)}
    points = []
    for part in (LocalOfferPart.CONTENT, LocalOfferPart.ACCESS, LocalOfferPart.MADE):
        comment = CommentFactory(part=part, **about)
        entry = passed_on(comment, fis, service, part=part, theme=f"About {part}")
        points.append(answered(entry, fis))
    merged = CommentFactory(part=LocalOfferPart.CONTENT, people=6, **about)
    actions.merge(merged, by=fis, on=today(), entry=points[0])
    for _each in range(2):
        actions.point_to_help(
            CommentFactory(part=LocalOfferPart.CONTENT, **about), by=fis, on=today(), routes=[HelpRouteFactory()]
        )
    for _each in range(5):
        actions.leave_out(CommentFactory(part=LocalOfferPart.ACCESS, **about), by=fis, on=today(), why=LeftOut.ABUSE)
    FeedbackEntryFactory(heard_on=days(-5), local_offer=LocalOfferPart.CONTENT, left_out=LeftOut.ABUSE)
    passed_on(CommentFactory(heard_on=days(-5)), fis, service)  # not about it

    issued = local_offer.publish_report(by=fis, on=today(), first=days(-30), last=days(-1), after=0)

    groups = {group["key"]: [each["about"] for each in group["comments"]] for group in issued.content["groups"]}
    assert groups == {part.value: [f"About {part}"] for part in report.PARTS}
    log = Comment.objects.of_local_offer()
    in_report = log.filter(entry__in=[each.pk for each in points])
    left_out = log.exclude(left_out="")
    assert in_report.count() + left_out.count() == log.count() == 11
    assert report.left_out_between(days(-30), days(-1)) == {LeftOut.ONE_PERSON: 2, LeftOut.ABUSE: 6}
    assert [number for _why, number in issued.content["left_out"]] == ["fewer than 5", "6"]
    assert issued.content["groups"][0]["comments"][0]["how_many"] == "5 people or more"


def test_the_report_waits_for_what_nobody_has_read_and_for_the_answer(fis, service):
    comment = CommentFactory(about=About.LOCAL_OFFER, part=LocalOfferPart.CONTENT, heard_on=days(-5))
    with pytest.raises(ValidationError, match="1 comment of these days is not read yet"):
        local_offer.publish_report(by=fis, on=today(), first=days(-30), last=days(-1), after=0)

    entry = passed_on(comment, fis, service, part=LocalOfferPart.CONTENT)
    with pytest.raises(ValidationError, match="1 comment has no answer yet"):
        local_offer.publish_report(by=fis, on=today(), first=days(-30), last=days(-1), after=0)

    answered(entry, fis)
    assert local_offer.publish_report(by=fis, on=today(), first=days(-30), last=days(-1), after=0)


# Messages


def told_to(address: str, day) -> set[str]:
    """The reasons for which an address is owed a message on a day."""
    ledger.owe(day, timezone.now())
    return set(Notice.objects.waiting().filter(address=address).values_list("reason", flat=True))


def test_the_service_is_chased_until_it_has_answered(fis, service, mailoutbox):
    load_steps()
    owner = MembershipFactory(organisation=service, user__email="owner@example.org")
    entry = passed_on(CommentFactory(), fis, service)
    loop.name_promise_owner(entry, by=fis, owner=owner)

    assert told_to("owner@example.org", today()) == {"point-owed"}
    answered(FeedbackEntry.objects.get(), fis)

    post.send(today(), timezone.now(), at_once=True)
    ledger.owe(today() + timedelta(days=120), timezone.now())
    assert not Notice.objects.filter(reason="point-owed", dropped_at=None).exists()


def test_when_it_is_late_its_lead_and_the_family_information_service_are_told(fis, service):
    load_steps()
    MembershipFactory(role=Role.FIS_MANAGER, user__email="fis@example.org")
    entry = passed_on(CommentFactory(), fis, service)

    assert "point-owed" in told_to("fis@example.org", entry.answer_due_on + timedelta(days=1))


def test_those_who_read_are_told_when_nobody_has(service):
    load_steps()
    Organisation.objects.filter(pk=service.pk).update(is_keeper=True)
    CheckerFactory(membership__user__email="reader@example.org", since=days(-2))

    assert "comments-unread" in told_to("reader@example.org", today())
    actions.note_reading(by=None, on=today())
    reason = registered()["comments-unread"]
    assert reason.things(today()).get().last_read_on == today()


def test_who_told_us_is_told_only_after_they_said_yes_and_never_in_their_words(fis, service, mailoutbox):
    load_steps()
    comment = CommentFactory(text=SECRET)
    now = timezone.now()
    address = {"recipient_hash": hash_of("dawn@example.com"), "address": "dawn@example.com"}
    entry = passed_on(comment, fis, service)
    assert told_to("dawn@example.com", today()) == set()

    Subscription.objects.create(
        follows=FOLLOWED, about_id=comment.pk, cadence=Cadence.AT_ONCE, made_at=now, confirmed_at=now, **address
    )
    assert told_to("dawn@example.com", today()) == {"told-us-news"}
    answered(entry, fis)
    ledger.owe(today(), timezone.now())
    post.send(today(), timezone.now(), at_once=True)

    (mail,) = [each for each in mailoutbox if each.to == ["dawn@example.com"]]
    assert "No, and here is why" in mail.body
    assert entry.get_absolute_url() in mail.body
    assert "Kieran" not in f"{mail.subject}{mail.body}{mail.alternatives}"
    assert CONFIRM not in mail.body


# Keeping, and who reads


def test_words_go_when_they_were_kept_long_enough_after_the_answer(settings, fis, service):
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"comments": 30}
    waiting, closed = CommentFactory(), CommentFactory(email="dawn@example.com", recipient_hash="x")
    actions.leave_out(closed, by=fis, on=days(-40), why=LeftOut.ABUSE)
    open_one = CommentFactory()
    passed_on(open_one, fis, service)
    Comment.objects.filter(pk=open_one.pk).update(decided_on=days(-400))

    assert retention.let_go(timezone.now(), only=["comments"]) == {"comments": 1}
    assert retention.let_go(timezone.now(), only=["comments"]) == {"comments": 0}

    closed.refresh_from_db()
    assert (closed.text, closed.email, closed.outcome) == ("", "", Outcome.LEFT_OUT)
    for each in (waiting, open_one):
        each.refresh_from_db()
        assert each.text
    with pytest.raises(ValidationError):
        actions.reopen(closed, by=fis)


def test_many_are_erased_in_bounded_batches(settings, monkeypatch, fis):
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"comments": 30}
    monkeypatch.setattr(retention, "BATCH", 2)
    for _each in range(5):
        actions.leave_out(CommentFactory(), by=fis, on=days(-40), why=LeftOut.ABUSE)

    assert retention.let_go(timezone.now(), only=["comments"]) == {"comments": 5}


def test_what_somebody_told_us_is_shown_and_erased_when_they_ask_but_not_before_it_was_read(fis, service):
    told = CommentFactory(email="dawn@example.com", recipient_hash=hash_of("dawn@example.com"))
    other = CommentFactory(email="other@example.com", recipient_hash=hash_of("other@example.com"))

    (held,) = rights.held_about("Dawn@example.com")
    assert told.text in held.facts.values()
    with pytest.raises(ValidationError, match="nobody has read yet"):
        rights.erase("dawn@example.com", by=fis, now=timezone.now())

    passed_on(told, fis, service)
    rights.erase("dawn@example.com", by=fis, now=timezone.now())

    assert rights.held_about("dawn@example.com") == []
    told.refresh_from_db()
    other.refresh_from_db()
    assert (told.text, told.outcome) == ("", Outcome.PASSED_ON)
    assert other.text


def test_only_those_who_look_after_the_hub_read(fis):
    manager, lead = MembershipFactory(role=Role.FIS_MANAGER), MembershipFactory(role=Role.LEAD)

    with pytest.raises(ValidationError):
        actions.name_checkers(by=fis, on=today(), memberships=[lead])
    actions.name_checkers(by=fis, on=today(), memberships=[manager])
    actions.name_checkers(by=fis, on=days(3), memberships=[manager])

    assert Checker.objects.get().since == today()


def test_whoever_leaves_hands_the_reading_over(fis):
    checker, other = CheckerFactory(), MembershipFactory(role=Role.FIS_EDITOR)
    assert [each.what for each in duties.duties_of(checker.membership_id, today())] == ["Reads it"]

    duties.hand_over(checker.membership_id, other.pk, by=fis, on=today())

    assert Checker.objects.get().membership == other


# What the database holds to


@pytest.mark.parametrize(
    "facts",
    [
        {"text": " "},
        {"decided_on": "2026-01-01"},
        {"outcome": Outcome.LEFT_OUT, "left_out": LeftOut.ABUSE},
        {"outcome": Outcome.PASSED_ON, "decided_on": "2026-01-01"},
        {"outcome": Outcome.REFERRED, "decided_on": "2026-01-01", "referred_to": "Them"},
        {"outcome": Outcome.LEFT_OUT, "decided_on": "2026-01-01"},
        {"outcome": Outcome.PROGRAM, "decided_on": "2026-01-01", "erased_at": "2026-01-01T00:00Z"},
        {"people": 0},
    ],
)
def test_the_database_refuses_a_comment_that_cannot_be(facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        CommentFactory(**facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"answer": AnswerState.NONE},
        {"answer_due_on": "2026-01-01"},
        {"owed_from": "2026-01-01", "answer": AnswerState.CANNOT, "we_did": "No"},
        {"owed_from": "2026-01-01", "answer": AnswerState.NONE, "answered_on": "2026-01-01"},
    ],
)
def test_the_database_refuses_a_clock_that_cannot_be(facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackEntryFactory(**{"done_on": None, "what_changed": ""} | facts)


def test_a_route_to_help_says_who_and_what_for():
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpRoute.objects.create(name=" ", what_for="Help")
