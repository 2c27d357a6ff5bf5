"""What families are told besides the answer, as often as they chose: once, in the newest words, never for nothing."""

from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.tests.factories import OrganisationFactory
from consultations.actions import move_closing_date, record_answer, withdraw
from consultations.finder import vocabularies
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.models import Topic
from feedback.actions import update_entry
from feedback.models import AnswerState
from feedback.tests.factories import FeedbackEntryFactory
from notices import digests, followables, ledger, post
from notices.defaults import load_steps
from notices.models import DigestRun, Mail, Notice, Subscription

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# Digests go out on Thursdays, unless the site says otherwise.
THURSDAY = date(2026, 3, 5)
WEDNESDAY, FRIDAY = THURSDAY - DAY, THURSDAY + DAY
FOLLOWS_SINCE = THURSDAY - 20 * DAY


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in the UK."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@pytest.fixture(autouse=True)
def begun(db, settings):
    """The timings that ship; and every digest before this week has run."""
    load_steps()
    for cadence, of_day in digests.due(at(WEDNESDAY, 7)):
        DigestRun.objects.create(cadence=cadence, day=of_day, ran_at=at(of_day))


def follow(what="everything", cadence="week", address="parent@example.org", since=FOLLOWS_SINCE) -> Subscription:
    """Somebody who follows a consultation, an organisation, or all of them."""
    if isinstance(what, Consultation):
        key = followables.Key("consultation", what.pk)
    elif what == "everything":
        key = followables.Key("finder", 0, "")
    elif isinstance(what, str):
        key = followables.Key("finder", 0, what)
    else:
        key = followables.Key("organisation", what.pk)
    return Subscription.objects.create(
        **key._asdict(),
        cadence=cadence,
        address=address,
        recipient_hash=ledger.hash_of(address),
        made_at=at(since),
        confirmed_at=at(since),
    )


def opened(on: date, **facts) -> Consultation:
    """A consultation that opens on a day and was published that morning at ten."""
    facts = {"opens_on": on, "closes_on": on + 40 * DAY, "open": True, "published_at": at(on, 10)} | facts
    return ConsultationFactory(**facts)


def tick(day: date, hour: int = 9, minute: int = 0) -> None:
    """What the scheduler does every five minutes."""
    now = at(day, hour, minute)
    ledger.owe_families(day, now)
    digests.run(day, now)
    post.send(day, now)


def said(mail) -> str:
    """The text of a mail, as another program reads it."""
    return message_from_bytes(mail.message().as_bytes(), policy=policy.default).get_body(("plain",)).get_content()


# In which rhythm


def test_what_is_new_waits_for_the_digest_of_the_week_and_is_told_once(mailoutbox):
    follow()
    opened(WEDNESDAY, title="Short breaks")
    opened(WEDNESDAY, title="School travel")

    tick(WEDNESDAY, 20)
    tick(THURSDAY, 7, 55)
    assert not mailoutbox
    tick(THURSDAY, 8)
    tick(THURSDAY, 8, 5)
    for later in range(1, 15):
        tick(THURSDAY + later * DAY)

    (mail,) = mailoutbox
    assert mail.subject == "You asked us to tell you: 2 things"
    assert "Short breaks" in said(mail)
    assert "School travel" in said(mail)


def test_the_digest_of_the_day_goes_on_a_weekend_too(mailoutbox):
    follow(cadence="day")
    tick(FRIDAY, 8)
    opened(FRIDAY, title="Short breaks")
    tick(FRIDAY, 20)
    assert not mailoutbox
    tick(FRIDAY + DAY, 8)

    assert len(mailoutbox) == 1


def test_at_once_is_within_minutes_at_any_hour(mailoutbox):
    follow(cadence="at_once")
    opened(FRIDAY)

    tick(FRIDAY, 10, 5)

    assert len(mailoutbox) == 1


def test_nothing_goes_out_when_there_is_no_news(mailoutbox):
    follow()
    follow(cadence="day", address="other@example.org")

    for number in range(15):
        tick(THURSDAY + number * DAY)

    assert not mailoutbox
    assert not Mail.objects.exists()
    assert DigestRun.objects.filter(cadence="week", day__gte=THURSDAY).count() == 3


def test_the_site_chooses_the_day(settings, mailoutbox):
    settings.HUB_DIGEST_DAY = 5
    tick(WEDNESDAY, 7)
    follow()
    opened(WEDNESDAY)

    tick(THURSDAY)
    assert not mailoutbox
    tick(THURSDAY + 2 * DAY, 8)
    assert len(mailoutbox) == 1


# Runs that were missed


def test_a_missed_digest_is_made_up_as_soon_as_the_hub_is_back(mailoutbox):
    follow()
    opened(WEDNESDAY)

    tick(THURSDAY + 2 * DAY, 23)

    assert len(mailoutbox) == 1
    assert DigestRun.objects.get(cadence="week", day=THURSDAY).ran_at == at(THURSDAY + 2 * DAY, 23)


def test_after_weeks_of_silence_there_is_one_digest_and_not_three(mailoutbox):
    follow()
    opened(WEDNESDAY)

    tick(THURSDAY + 17 * DAY)

    assert len(mailoutbox) == 1
    assert DigestRun.objects.filter(cadence="week", day__gte=THURSDAY).count() == 1


def test_a_run_that_crashed_has_left_nothing_and_is_made_up(mailoutbox, monkeypatch):
    follow()
    opened(WEDNESDAY)

    def crash(*args, **kwargs):
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(DigestRun.objects, "create", crash)
        with pytest.raises(ConnectionError), transaction.atomic():
            digests.run(THURSDAY, at(THURSDAY))
    assert not Notice.objects.exists()

    tick(THURSDAY, 9, 5)
    assert len(mailoutbox) == 1


# What is new to whom


@pytest.mark.parametrize(("since", "told"), [(at(WEDNESDAY, 9), 1), (at(WEDNESDAY, 11), 0)])
def test_what_was_there_before_somebody_followed_is_not_new_to_them(mailoutbox, since, told):
    opened(WEDNESDAY)
    subscription = follow()
    Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=since)

    tick(THURSDAY)

    assert len(mailoutbox) == told


def test_what_was_published_early_is_new_on_the_day_it_opens(mailoutbox):
    follow(cadence="day", since=WEDNESDAY - DAY)
    ConsultationFactory(opens_on=FRIDAY, closes_on=FRIDAY + 40 * DAY, published_at=at(FOLLOWS_SINCE), open=True)

    tick(THURSDAY)
    assert not mailoutbox
    tick(FRIDAY)
    assert len(mailoutbox) == 1


def test_only_what_the_filter_shows_is_told(mailoutbox):
    topic = Topic.objects.create(key="respite", label="Respite")
    follow("topic=respite")
    opened(WEDNESDAY, title="Short breaks").topics.add(topic)
    opened(WEDNESDAY, title="School travel")

    tick(THURSDAY)

    (mail,) = mailoutbox
    assert "Short breaks" in said(mail)
    assert "School travel" not in said(mail)


def test_who_follows_a_thing_in_two_ways_reads_one_line_and_at_the_sooner_time(mailoutbox):
    consultation = opened(WEDNESDAY, title="Short breaks")
    follow()
    follow(consultation.organisation, cadence="at_once")

    tick(WEDNESDAY, 11)
    tick(THURSDAY)

    (mail,) = mailoutbox
    assert said(mail).count("Short breaks") == 1


def test_what_is_no_longer_true_is_not_said_and_nothing_is_left_to_say(mailoutbox):
    follow()
    consultation = opened(WEDNESDAY)
    digests.run(THURSDAY, at(THURSDAY))
    withdraw(consultation, by=None, reason="No money", views="Kept", on=THURSDAY)

    post.send(THURSDAY, at(THURSDAY))

    assert not mailoutbox
    assert Notice.objects.get().dropped_why


def test_a_digest_says_one_thing_once_in_its_newest_words(mailoutbox):
    follow()
    opened(WEDNESDAY, title="Short breaks", closes_on=THURSDAY + 4 * DAY)

    tick(THURSDAY)

    (mail,) = mailoutbox
    assert said(mail).count("\nShort breaks\n") == 1
    assert "It closes in 4 days" in said(mail)


# Closing soon


@pytest.mark.parametrize(("cadence", "days"), [("at_once", 3), ("day", 3)])
def test_it_is_told_three_days_before_it_closes(mailoutbox, cadence, days):
    closes = THURSDAY + 10 * DAY
    follow(opened(FOLLOWS_SINCE - DAY, closes_on=closes), cadence=cadence)

    for number in range(12):
        tick(THURSDAY + number * DAY)
        if mailoutbox:
            break

    assert THURSDAY + number * DAY == closes - days * DAY
    assert f"It closes in {days} days" in said(mailoutbox[0])


def test_the_digest_of_the_week_says_it_while_there_is_time_and_once(mailoutbox):
    """On whatever weekday it closes: somebody follows one for each."""
    closes = {f"parent{number}@example.org": THURSDAY + (14 + number) * DAY for number in range(7)}
    for address, day in closes.items():
        follow(opened(FOLLOWS_SINCE - DAY, closes_on=day), address=address)

    told_on = {address: [] for address in closes}
    for number in range(22):
        before = len(mailoutbox)
        tick(THURSDAY + number * DAY)
        for mail in mailoutbox[before:]:
            told_on[mail.to[0]].append(THURSDAY + number * DAY)

    for address, days in told_on.items():
        assert len(days) == 1, address
        assert 3 <= (closes[address] - days[0]).days <= 9


# Changed dates, and promises


def test_a_changed_date_is_told_at_once_to_everybody_who_follows_it(mailoutbox):
    consultation = opened(FOLLOWS_SINCE - DAY, title="Short breaks", closes_on=THURSDAY + 20 * DAY)
    follow(consultation)
    move_closing_date(consultation, by=None, closes_on=THURSDAY + 40 * DAY, reason="More time", on=FRIDAY)

    tick(FRIDAY, 3)
    tick(FRIDAY, 4)

    (mail,) = mailoutbox
    assert "Closing date: now Tuesday 14 April. It was Wednesday 25 March" in said(mail)
    assert said(mail).count("\nShort breaks\n") == 1


def test_a_date_that_moves_again_is_told_again_and_only_the_newest(mailoutbox):
    consultation = opened(FOLLOWS_SINCE - DAY, closes_on=THURSDAY + 20 * DAY)
    follow(consultation)
    move_closing_date(consultation, by=None, closes_on=THURSDAY + 30 * DAY, reason="More time", on=FRIDAY)
    ledger.owe_families(FRIDAY, at(FRIDAY))
    move_closing_date(consultation, by=None, closes_on=THURSDAY + 40 * DAY, reason="More time", on=FRIDAY)

    tick(FRIDAY)

    (mail,) = mailoutbox
    assert said(mail).count("Closing date: now") == 1
    assert "Closing date: now Tuesday 14 April" in said(mail)


def test_a_promise_that_is_kept_is_told_to_who_follows_the_consultation(mailoutbox):
    consultation = ConsultationFactory(responded=True, title="Short breaks", responded_on=FOLLOWS_SINCE - DAY)
    entry = FeedbackEntryFactory(
        consultation=consultation,
        organisation=consultation.organisation,
        theme="Weekends",
        answer=AnswerState.WILL_DO,
        due_on=FRIDAY,
        owner_role="Manager",
    )
    follow(consultation)
    tick(THURSDAY)
    assert not mailoutbox

    update_entry(
        entry, by=None, on=FRIDAY, version=entry.version, answer=AnswerState.DONE, done_on=FRIDAY, what_changed="Open"
    )
    tick(FRIDAY)
    assert not mailoutbox
    tick(THURSDAY + 7 * DAY)

    (mail,) = mailoutbox
    assert "Done: Weekends" in said(mail)
    assert entry.get_absolute_url() in said(mail)


def test_an_answer_does_not_wait_for_the_digest(mailoutbox):
    consultation = ConsultationFactory(awaiting=True)
    follow(consultation.organisation)
    record_answer(consultation, by=None, on=FRIDAY)

    tick(FRIDAY, 3)

    assert mailoutbox[0].subject.startswith("The answer is out")


# Speed


@pytest.mark.parametrize("count", [1, 20])
def test_a_digest_takes_the_same_queries_for_one_family_and_for_twenty(monkeypatch, django_assert_num_queries, count):
    terms = vocabularies()  # kept in the memory of a process, as long as nothing public changes
    monkeypatch.setattr("consultations.followables.vocabularies", lambda: terms)
    for number in range(count):
        follow(address=f"parent{number}@example.org")
    opened(WEDNESDAY)

    with django_assert_num_queries(43):  # two rhythms, each with its row; each reason its steps, its filters, its pass
        digests.run(THURSDAY, at(THURSDAY))

    assert Notice.objects.count() == count


@pytest.mark.parametrize("at_a_time", [1, 200])
def test_many_filters_are_asked_about_so_many_at_a_time(monkeypatch, mailoutbox, at_a_time):
    monkeypatch.setattr(followables, "AT_A_TIME", at_a_time)
    for key in ("a", "b", "c"):
        Topic.objects.create(key=key, label=key)
        follow(f"topic={key}", address=f"{key}@example.org")
        follow(f"topic={key}", address="all@example.org", cadence="day")
    for topic in Topic.objects.filter(key__in="ac"):
        opened(WEDNESDAY, title=f"About {topic}").topics.add(topic)

    tick(THURSDAY)

    assert sorted(mail.to[0] for mail in mailoutbox) == ["a@example.org", "all@example.org", "c@example.org"]


def test_another_service_is_not_told_of():
    follow(OrganisationFactory())
    opened(WEDNESDAY)

    assert digests.run(THURSDAY, at(THURSDAY)) == 0
