"""Adopting the standard, and checking oneself against it: what is kept, and what is refused in which words."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.publishing import Conflict
from feedback.tests.factories import ResponseFactory
from standards import actions
from standards.evidence import offers
from standards.figures import Figure
from standards.listing import Profile
from standards.models import Adoption, EvidenceKind, Indicator, Level, Rating, SelfCheck
from standards.stages import AdoptionStage
from standards.tests.factories import AdoptionFactory, begun, published, said_of_all, the_standard

pytestmark = pytest.mark.django_db

PLEDGE = {"scope": "All of it", "signed_by": "The director", "lead": "Family hubs team"}


def pledge(**facts):
    """What somebody typed."""
    organisation = facts.pop("organisation", None) or OrganisationFactory()
    owner = MembershipFactory(organisation=organisation)
    return PLEDGE | {"organisation": organisation, "owner": owner, "adopted_on": today()} | facts


def indicator(key="systems-emerging-1") -> Indicator:
    """A statement of the standard."""
    return Indicator.objects.get(key=key)


def judge(check, **facts):
    """Say something of a statement; nobody else has yet."""
    its = facts.pop("indicator", None) or indicator()
    return actions.judge(check, its, **{"by": None, "on": today(), "rating": "started"} | facts)


# --- Adopting


def test_adopting_gives_six_months_for_the_first_check():
    adoption = actions.adopt(by=None, facts=pledge())

    assert adoption.stage == AdoptionStage.ADOPTED
    assert adoption.renew_by == today() + relativedelta(months=6)
    assert adoption.lapses_on == adoption.renew_by + relativedelta(months=3)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"renew_by": timedelta(days=400)}, "within a year"),
        ({"renew_by": timedelta(days=-1)}, "comes after adopting"),
        ({"scope": " "}, "what it covers"),
        ({"lead": ""}, "cannot be blank"),
    ],
)
def test_what_is_missing_or_too_late_is_refused(facts, words):
    facts = {name: today() + value if isinstance(value, timedelta) else value for name, value in facts.items()}

    with pytest.raises(ValidationError, match=words):
        actions.adopt(by=None, facts=pledge(**facts))


def test_a_body_adopts_once_and_again_after_it_has_ended():
    first = actions.adopt(by=None, facts=pledge())
    with pytest.raises(ValidationError, match="adopted the standard already"):
        actions.adopt(by=None, facts=pledge(organisation=first.organisation))
    with pytest.raises(ValidationError, match="Say why it ends"):
        actions.end_adoption(first, by=None, on=today(), reason=" ")

    actions.end_adoption(first, by=None, on=today(), reason="The service is merged.")
    actions.adopt(by=None, facts=pledge(organisation=first.organisation))

    assert [each.stage for each in Adoption.objects.order_by("pk")] == [AdoptionStage.ENDED, AdoptionStage.ADOPTED]
    with pytest.raises(ValidationError, match="ended already"):
        actions.end_adoption(first, by=None, on=today(), reason="Again.")


def test_nobody_overwrites_a_pledge_unseen():
    adoption = AdoptionFactory()
    actions.change_pledge(adoption, by=None, facts={"scope": "Half of it"}, version=1)

    with pytest.raises(Conflict):
        actions.change_pledge(adoption, by=None, facts={"scope": "A third"}, version=1)
    assert Adoption.objects.get().scope == "Half of it"


# --- Checking


def test_a_check_is_begun_once_and_gone_on_with():
    the_standard()
    adoption = AdoptionFactory()
    check = actions.begin_check(adoption, on=today(), first_steps_only=True)

    assert actions.begin_check(adoption, on=today(), first_steps_only=False) == check
    assert len(actions.asked_in(check)) == 8
    actions.go_on_to_all(check)
    check.refresh_from_db()
    assert len(actions.asked_in(check)) == 24
    with pytest.raises(IntegrityError, match="selfcheck_one_at_a_time"):
        begun(adoption)


def test_we_do_this_needs_something_that_shows_it():
    check = begun()

    with pytest.raises(ValidationError, match="needs something that shows it"):
        judge(check, rating="in_place")
    with pytest.raises(ValidationError, match="Say since when"):
        judge(check, rating="in_place", note="The minutes")
    with pytest.raises(ValidationError, match="still to come"):
        judge(check, rating="in_place", note="The minutes", note_on=days(1))

    judged = judge(check, rating="in_place", note="The minutes", note_on=days(-3))
    assert [(each.kind, each.title) for each in judged.evidence.all()] == [("note", "The minutes")]


@pytest.mark.parametrize("rating", ["parents_agree", "parents_disagree", "nonsense"])
def test_nobody_says_for_parents_what_they_say(rating):
    with pytest.raises(ValidationError, match="Choose how far you are"):
        judge(begun(), rating=rating)


def test_what_does_not_apply_needs_a_reason():
    with pytest.raises(ValidationError, match="Say why this cannot apply"):
        judge(begun(), rating="not_applicable")


def test_where_the_records_say_something_else_the_writer_says_why():
    check = begun()
    says_no = Figure("Answered: 1 of 4", is_met=False, has_records=True)
    facts = {"rating": "in_place", "note": "The minutes", "note_on": today(), "figure": says_no}

    with pytest.raises(ValidationError, match="records say something else"):
        judge(check, **facts)
    judged = judge(check, **facts, differs="Three were answered by letter.")

    assert judged.record == {"words": "Answered: 1 of 4", "is_met": False}
    # Without records there is nothing that could differ.
    judge(check, indicator=indicator("values-emerging-1"), **facts | {"figure": Figure("None", False, False)})


def test_records_of_ones_own_show_it_and_those_of_others_do_not():
    check = begun()
    own = ResponseFactory(consultation__organisation=check.adoption.organisation)
    other = ResponseFactory()
    marks = [f"response:{own.pk}", f"response:{other.pk}"]

    judged = judge(check, rating="in_place", marks=marks)

    assert [each.record_id for each in judged.evidence.all()] == [own.pk]


def test_a_colleague_who_said_something_meanwhile_is_not_overwritten():
    check = begun()
    first = judge(check)
    with pytest.raises(Conflict):
        judge(check, rating="not_yet")

    judge(check, rating="not_yet", version=first.version)
    assert check.judgements.get().rating == "not_yet"


def test_a_check_is_published_when_everything_is_said_and_the_pledge_holds_for_a_year():
    check = begun(first_steps_only=True)
    with pytest.raises(ValidationError, match="8 statements have no rating yet"):
        actions.publish_check(check, by=None, on=today())
    said_of_all(check)

    actions.publish_check(check, by=None, on=today())

    adoption = Adoption.objects.get()
    assert (adoption.stage, adoption.renew_by) == (AdoptionStage.CURRENT, today() + relativedelta(years=1))
    with pytest.raises(ValidationError, match="finished"):
        judge(check)


def test_only_a_first_check_stays_private_and_changes_nothing_in_the_register():
    check = begun(first_steps_only=True)
    said_of_all(check)
    actions.publish_check(check, by=None, on=today(), is_private=True)
    adoption = Adoption.objects.get()
    assert adoption.stage == AdoptionStage.ADOPTED
    assert not SelfCheck.objects.published().exists()

    second = begun(adoption, first_steps_only=True)
    said_of_all(second)
    actions.publish_check(second, by=None, on=today())
    third = begun(Adoption.objects.get(), first_steps_only=True)
    said_of_all(third)
    with pytest.raises(ValidationError, match="Only a first check"):
        actions.publish_check(third, by=None, on=today(), is_private=True)


# --- What a check says on a day


def test_a_profile_always_shows_seven_strands_and_the_lowest_counts():
    profile = Profile(published(), today())

    assert [row.level for row in profile.rows] == [Level.EMERGING] * 7
    assert profile.level == Level.EMERGING
    assert profile.first_steps == "8 of 8 first steps in place"


def test_one_statement_that_is_not_there_holds_the_whole_back():
    profile = Profile(published(people_emerging_1="started"), today())

    assert profile.level is None
    assert profile.first_steps == "7 of 8 first steps in place"
    assert [row.level for row in profile.rows].count(None) == 1


def test_parents_who_agree_open_the_second_level():
    profile = Profile(published(values_established_1="parents_agree"), today())

    assert profile.rows[0].level == Level.ESTABLISHED


def test_evidence_gets_old_and_then_the_level_is_lost():
    check = begun(AdoptionFactory(checked=True))
    said_of_all(check, on=days(-700))

    assert Profile(check, today()).level == Level.EMERGING
    later = Profile(check, days(60))
    assert later.level is None
    assert "Getting old" in later.rows[0].statements[0].shown[0].note


def test_a_record_that_is_taken_off_the_site_stops_counting():
    check = begun()
    consultation = ConsultationFactory(organisation=check.adoption.organisation, closed=True)
    judged = judge(
        check, indicator=indicator("strategy-emerging-1"), rating="in_place", marks=[f"consultation:{consultation.pk}"]
    )
    assert judged.evidence.get().title == consultation.title
    assert _statement(check, "strategy-emerging-1").in_place

    consultation.archived_at = judged.said_at
    consultation.save()

    statement = _statement(check, "strategy-emerging-1")
    assert not statement.in_place
    assert "Not on the site any more" in statement.shown[0].note


def _statement(check, key):
    rows = Profile(check, today()).rows
    return next(each for row in rows for each in row.statements if each.key == key)


@pytest.mark.parametrize("kind", [each for each in EvidenceKind if each != EvidenceKind.NOTE])
def test_every_kind_of_record_can_be_asked_for(kind):
    assert offers(OrganisationFactory(), [kind], today()) == []


def test_what_does_not_apply_is_not_counted_among_the_first_steps():
    assert Profile(published(people_emerging_1=Rating.NOT_APPLICABLE), today()).first_steps.startswith("7 of 7")
