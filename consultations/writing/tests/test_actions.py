"""How a listing gets from a draft to families: saved, checked, sent back, changed, thrown away and brought back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, UserFactory
from consultations.events.models import Event
from consultations.events.tests.factories import EventFactory
from consultations.models import Consultation, ParticipationLevel
from consultations.tests.around import complete, support, term, way
from consultations.tests.factories import ConsultationFactory, days
from consultations.writing import actions
from consultations.writing.models import Check, Decision
from consultations.writing.rules import CLEAN_CHECKS
from consultations.writing.values import values_of, words_of
from core.dates import today
from core.models import Area, Audience
from core.permissions import Permission
from core.publishing import Conflict, EditorialState
from notices.reasons import registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return UserFactory()


@pytest.fixture
def checker():
    """One of two people of the Family Information Service: a team that is not small."""
    MembershipFactory(role=Role.FIS_MANAGER)
    return MembershipFactory(role=Role.FIS_EDITOR).user


def draft(**facts) -> Consultation:
    return complete(ConsultationFactory(draft=True, what_next="We read it all.", **facts))


def sent(writer, **facts) -> Check:
    return actions.submit(draft(**facts), by=writer, now=timezone.now())


def save(record, by, waits=False, **values):
    return actions.save_values(record, by=by, on=today(), values=values, waits=waits)


def approve(check, by, **said):
    actions.approve(check, by=by, on=today(), now=timezone.now(), **said)


def test_a_draft_that_is_sent_and_approved_is_what_families_see(writer, checker):
    check = sent(writer)
    record = check.consultation
    assert record in Consultation.objects.waiting_for_check()

    approve(check, checker)

    assert record in Consultation.objects.published()
    check.refresh_from_db()
    assert (check.decision, check.decided_by) == (Decision.APPROVED, checker)


def test_what_is_not_complete_cannot_be_sent_and_says_what_is_missing(writer):
    record = ConsultationFactory(draft=True)

    with pytest.raises(ValidationError) as refused:
        actions.submit(record, by=writer, now=timezone.now())

    assert "Give at least two ways to take part" in refused.value.messages
    assert not Check.objects.exists()


def test_what_is_sent_back_says_why_and_waits_for_its_writer(writer, checker):
    check = sent(writer)

    actions.send_back(check, by=checker, reason="Say who decides.", now=timezone.now())

    record = Consultation.objects.get()
    assert record.editorial_state == EditorialState.RETURNED
    assert not Check.objects.open().exists()
    again = actions.submit(record, by=writer, now=timezone.now())
    assert again.pk != check.pk
    assert record in Consultation.objects.waiting_for_check()


def test_nobody_approves_their_own_unless_the_team_is_small(checker, settings):
    check = sent(checker)
    with pytest.raises(ValidationError, match="Somebody else"):
        approve(check, checker)

    settings.HUB_SMALL_TEAM = True
    approve(check, checker)
    assert Consultation.objects.published().exists()


def test_a_team_of_one_is_small_without_being_told(writer):
    alone = MembershipFactory(role=Role.FIS_EDITOR).user
    approve(sent(alone), alone)
    assert Consultation.objects.published().exists()


def test_two_who_decide_at_once_are_told_that_it_is_decided(writer, checker):
    check = sent(writer)
    approve(check, checker)
    with pytest.raises(ValidationError, match="Somebody else has decided"):
        actions.send_back(check, by=checker, reason="No", now=timezone.now())


def test_what_families_see_stays_until_the_change_is_approved(writer, checker):
    record = complete(ConsultationFactory(open=True))
    before = record.summary

    assert save(record, writer, waits=True, summary="Easier words.")

    record.refresh_from_db()
    assert record.summary == before
    check = actions.submit(record, by=writer, now=timezone.now())
    assert check.values == {"summary": "Easier words."}
    with pytest.raises(ValidationError, match="what you changed"):
        approve(check, checker)
    approve(check, checker, correction="The summary is easier to read.")
    record.refresh_from_db()
    assert record.summary == "Easier words."
    assert [each.text for each in record.corrections.all()] == ["The summary is easier to read."]
    check.refresh_from_db()
    assert check.values == {}


def test_whom_to_ask_is_changed_at_once_and_needs_no_word_to_families(writer):
    record = complete(ConsultationFactory(open=True))

    waits = save(record, writer, waits=True, contact_phone="01632 960 999")

    record.refresh_from_db()
    assert not waits
    assert record.contact_phone == "01632 960 999"
    assert not record.corrections.exists()


def test_a_change_that_is_taken_back_does_not_wait(writer):
    record = complete(ConsultationFactory(open=True))
    was = record.summary
    save(record, writer, waits=True, summary="Other words.")

    assert not save(record, writer, waits=True, summary=was)

    assert not Check.objects.exists()


def test_a_change_that_is_sent_back_keeps_the_words(writer, checker):
    record = complete(ConsultationFactory(open=True))
    save(record, writer, waits=True, summary="Other words.")
    check = actions.submit(record, by=writer, now=timezone.now())

    actions.send_back(check, by=checker, reason="Shorter, please.", now=timezone.now())

    (kept,) = Check.objects.open()
    assert kept.values == {"summary": "Other words."}
    assert kept.sent_at is None


def test_what_the_checker_changes_is_no_clean_check(writer, checker):
    record = complete(ConsultationFactory(forthcoming=True))
    save(record, writer, waits=True, summary="Other words.")
    check = actions.submit(record, by=writer, now=timezone.now())

    save(record, checker, waits=True, summary="Better words.")
    approve(check, checker)

    record.refresh_from_db()
    assert record.summary == "Better words."
    assert Check.objects.get().decision == Decision.CHANGED


def test_two_people_never_overwrite_each_other_silently(writer):
    record = draft()
    mark = actions.mark_of(record, None)
    save(record, writer, summary="The first one's words.")

    with pytest.raises(Conflict):
        actions.save_values(record, by=writer, on=today(), values={"summary": "The second one's."}, mark=mark)

    record.refresh_from_db()
    assert record.summary == "The first one's words."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"closes_on": "2030-01-01"}, "its own page"),
        ({"opens_on": "2020-01-01"}, "as families know them"),
        ({"level": ParticipationLevel.INFORMATION}, "offer less say"),
    ],
)
def test_what_families_rely_on_is_not_changed_in_passing(writer, values, words):
    record = complete(ConsultationFactory(open=True))
    for waits in (True, False):
        with pytest.raises(ValidationError, match=words):
            actions.save_values(record, by=writer, on=today(), values=values, waits=waits, correction="It changed.")


def test_a_new_level_sets_the_clock_of_the_answer(checker):
    record = complete(ConsultationFactory(open=True, level=ParticipationLevel.INFORMATION))
    assert record.response_due_on is None

    actions.save_values(
        record, by=checker, on=today(), values={"level": "consultation"}, correction="We do ask you now."
    )

    record.refresh_from_db()
    assert record.response_due_on is not None


def test_it_goes_out_at_its_moment_and_not_before(writer, checker):
    now = timezone.now()
    check = actions.submit(draft(), by=writer, now=now, publish_at=now + timedelta(days=2))
    approve(check, checker)
    record = check.consultation
    record.refresh_from_db()
    assert record.editorial_state == EditorialState.SCHEDULED

    assert actions.publish_due(on=today(), now=now + timedelta(days=1)) == 0
    assert actions.publish_due(on=days(2), now=now + timedelta(days=2)) == 1
    assert record in Consultation.objects.published()


def test_what_has_lost_something_before_its_moment_goes_back_with_the_reason(writer, checker):
    now = timezone.now()
    check = actions.submit(draft(), by=writer, now=now, publish_at=now + timedelta(days=2))
    approve(check, checker)
    check.consultation.ways.all().delete()

    assert actions.publish_due(on=days(2), now=now + timedelta(days=2)) == 0

    record = Consultation.objects.get()
    assert record.editorial_state == EditorialState.RETURNED
    assert "two ways" in record.checks.first().reason


def test_a_draft_comes_out_of_the_bin_for_thirty_days(writer):
    record, now = draft(), timezone.now()
    actions.throw_away(record, by=writer, now=now)
    assert not Consultation.objects.kept().exists()

    actions.bring_back(record, by=writer, now=now + timedelta(days=30))
    assert Consultation.objects.kept().exists()

    actions.throw_away(record, by=writer, now=now)
    with pytest.raises(ValidationError, match="30 days"):
        actions.bring_back(record, by=writer, now=now + timedelta(days=31))


@pytest.mark.parametrize("trait", ["open", "awaiting", "late"])
def test_what_families_wait_for_is_not_taken_off_the_site(writer, trait):
    with pytest.raises(ValidationError, match="Families can take part"):
        actions.archive(ConsultationFactory(**{trait: True}), by=writer, now=timezone.now())


def test_what_families_saw_is_not_thrown_away(writer):
    with pytest.raises(ValidationError, match="Families have seen it"):
        actions.throw_away(ConsultationFactory(responded=True), by=writer, now=timezone.now())


def test_a_new_round_has_the_words_and_its_own_dates(writer):
    earlier = complete(ConsultationFactory(responded=True, took_part=200))
    way(earlier, "by-post", offline=True, post_by=days(-130))
    support(earlier, "interpreter", state="on_request", ask_by=days(-140))

    copy = actions.duplicate(earlier, by=writer, title=earlier.title, opens_on=days(5), closes_on=days(60))

    names = ("title", "summary", "topics", "areas", "owner")
    assert values_of(copy, names) == values_of(earlier, names)
    assert copy.slug != earlier.slug
    assert (copy.opens_on, copy.closes_on, copy.took_part, copy.responded_on) == (days(5), days(60), None, None)
    assert copy.earlier_round == earlier
    assert [each.post_by for each in copy.ways.all()] == [None] * 3
    assert copy.supports.get().ask_by == days(12)


def test_an_owner_who_left_does_not_come_along(writer):
    earlier = complete(ConsultationFactory(responded=True))
    earlier.owner.ended_on = days(-1)
    earlier.owner.save()
    copy = actions.duplicate(earlier, by=writer, title="Again", opens_on=days(5), closes_on=None)
    assert copy.owner is None


def test_an_address_that_is_a_page_of_ours_is_not_given_away(writer):
    body = ConsultationFactory().organisation_id
    for _each in range(2):
        actions.start(by=writer, values={"title": "Planned", "organisation": body})
    assert sorted(Consultation.objects.filter(title="Planned").values_list("slug", flat=True)) == [
        "planned-2",
        "planned-3",
    ]


def test_a_lead_publishes_unchecked_after_three_clean_checks(checker):
    record = draft()
    lead = MembershipFactory(organisation=record.organisation, role=Role.LEAD).user
    for _each in range(CLEAN_CHECKS):
        assert not lead.has_perm(Permission.PUBLISH_UNCHECKED, record)
        approve(sent(lead), checker)
    assert lead.has_perm(Permission.PUBLISH_UNCHECKED, record)
    assert not lead.has_perm(Permission.PUBLISH_UNCHECKED, draft())


def test_values_are_said_in_words():
    record = complete(ConsultationFactory(closes_at=None))
    support(record, "interpreter", state="on_request", ask_by=days(1))
    values = values_of(record, ("topics", "ways", "supports", "level", "owner", "closes_on", "what_next"))
    words = {name: words_of(name, value, today()) for name, value in values.items()}
    assert words["topics"] == "A topic"
    assert words["ways"] == "Drop in: By Drop in\nOnline survey: By Online survey"
    assert words["supports"].startswith("Interpreter: ")
    assert words["level"] == "We ask before we decide"
    assert words["owner"] == str(record.owner)
    assert words["what_next"] == "Nothing"


def test_an_event_is_sent_sent_back_and_published_like_a_consultation(writer, checker):
    event = EventFactory(draft=True)
    with pytest.raises(ValidationError, match="at least one area"):
        actions.submit_event(event, by=writer, now=timezone.now())
    event.areas.add(term(Area, "larchford"))
    event.audiences.add(term(Audience, "dads"))

    check = actions.submit_event(event, by=writer, now=timezone.now())
    actions.send_back(check, by=checker, reason="Which door?", now=timezone.now())
    event.refresh_from_db()
    assert event.editorial_state == EditorialState.RETURNED

    approve(actions.submit_event(event, by=writer, now=timezone.now()), checker)
    assert event in Event.objects.published()


@pytest.mark.parametrize("about", ["consultation", "event"])
def test_the_ledger_tells_who_wrote_it_what_came_back_until_it_is_sent_again(writer, checker, about):
    record = draft() if about == "consultation" else EventFactory(draft=True)
    if about == "event":
        record.areas.add(term(Area, "larchford"))
        record.audiences.add(term(Audience, "dads"))
    send = actions.submit if about == "consultation" else actions.submit_event
    waits, came_back = registered()["check-waits"], registered()["listing-returned"]

    check = send(record, by=writer, now=timezone.now())
    assert [each.pk for each in waits.things(today())] == [check.pk]
    actions.send_back(check, by=checker, reason="Say who decides.", now=timezone.now())
    assert not waits.things(today())
    (owed,) = came_back.things(today())
    assert owed.to_owner == writer.email
    assert "Say who decides" not in str(came_back.lines([owed.pk], today()))

    send(record, by=writer, now=timezone.now() + timedelta(seconds=1))
    assert not came_back.things(today())


def test_followers_are_told_the_newest_change_of_a_text(checker):
    record = complete(ConsultationFactory(open=True))
    for text in ("The first.", "The second."):
        actions.save_values(record, by=checker, on=today(), values={"summary": text}, correction=f"Changed: {text}")
    news = registered()["text-changed"]
    (owed,) = news.things(today())
    assert news.followed_of([owed.pk]) == {record.pk}
    assert news.lines([owed.pk], today())[owed.pk].what == "Changed: The second."


def test_two_who_write_the_same_waiting_words_at_once_never_overwrite_each_other(writer):
    record = complete(ConsultationFactory(open=True, summary="As families see it."))
    save(record, writer, waits=True, summary="First.")
    mark = actions.mark_of(record, actions.waiting_change(record))
    actions.save_values(record, by=writer, on=today(), values={"summary": "Second."}, mark=mark, waits=True)

    with pytest.raises(Conflict):
        actions.save_values(record, by=writer, on=today(), values={"summary": "Third."}, mark=mark, waits=True)

    assert actions.waiting_change(record).values["summary"] == "Second."
