"""The pages of the plan, for staff and for families."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.plan.clashes import window_of
from consultations.plan.models import ClashDecision, Intention, Umbrella
from consultations.plan.tests.factories import IntentionFactory, UmbrellaFactory, reach
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory
from core import versions
from core.models import Area, Audience, PreElectionPeriod, SchoolTerm, Topic

pytestmark = pytest.mark.django_db

HERE = ("dads", "melbridge", "parks")


@pytest.fixture(autouse=True)
def january():
    with time_machine.travel("2026-01-10 12:00", tick=False):
        yield


@pytest.fixture
def lead(client):
    """The lead of a service, who is signed in."""
    member = MembershipFactory(role=Role.LEAD)
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return member


@pytest.fixture
def fis(client):
    """Somebody of the Family Information Service, who is signed in."""
    member = MembershipFactory(role=Role.FIS_EDITOR)
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return member


def text_of(response, status=200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def day_parts(name, day) -> dict:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def typed(member, **changed) -> dict:
    """All that the form asks for."""
    return {
        "title": "Opening hours", "organisation": member.organisation_id, "owner": member.pk,
        "audiences": [term(Audience, "dads").pk], "areas": [term(Area, "melbridge").pk],
        "topics": [term(Topic, "parks").pk], "how_sure": "likely",
        **day_parts("starts_on", date(2026, 3, 1)), **day_parts("ends_on", date(2026, 3, 20)),
    } | changed  # fmt: skip


def asked(first=date(2026, 3, 1), last=date(2026, 3, 20), **facts):
    """A consultation of somebody else for the same families."""
    consultation = ConsultationFactory(opens_on=first, closes_on=last, **facts)
    reach(consultation, *HERE)
    return consultation


def test_a_planner_is_warned_and_joins(client, lead):
    theirs = asked(title="Ask the dads of Melbridge")

    response = client.post(reverse("plan:add"), typed(lead))
    intention = Intention.objects.get()
    assert response["Location"] == reverse("plan:intention-clashes", args=[intention.pk])
    page = text_of(client.get(response["Location"]))
    assert "Ask the dads of Melbridge" in page
    assert "20 days in common; for Dads; in Melbridge; about Parks" in page

    address = reverse("plan:intention-clash", args=[intention.pk, window_of(theirs).pk])
    text_of(client.get(address))
    assert "Choose one" in text_of(client.post(address, {"choice": "perhaps"}), 400)
    assert "Say why you go ahead" in text_of(client.post(address, {"choice": "go_ahead"}), 400)
    client.post(address, {"choice": "join"})

    intention.refresh_from_db()
    assert intention.joins == theirs
    assert "Asked together with" in text_of(client.get(reverse("plan:intentions")))


def test_the_owner_of_the_other_reads_what_was_decided(client, lead):
    ours = IntentionFactory(organisation=lead.organisation, title="Ours", among=HERE)
    theirs = IntentionFactory(title="Theirs", among=HERE)
    plan = reverse("plan:timeline")
    assert "1 clash is open" in text_of(client.get(plan))
    ClashDecision.objects.create(
        intention=theirs, other_intention=ours, choice="go_ahead", reason="Ours is about buses.", days=99,
        decided_on=date(2026, 1, 9),
    )  # fmt: skip

    page = text_of(client.get(plan))
    assert "Ours is about buses." in page
    assert "1 clash is open" not in page
    assert "Ours is about buses." in text_of(client.get(reverse("plan:decisions")))

    other = MembershipFactory(role=Role.LEAD)
    client.force_login(other.user, backend="django.contrib.auth.backends.ModelBackend")
    page = text_of(client.get(plan))
    assert "Ours" in page
    assert "Theirs" in page
    assert "about buses" not in page


def test_every_agency_sees_the_plan_and_changes_its_own_only(client, lead):
    IntentionFactory(title="Of somebody else", among=HERE)
    ours = IntentionFactory(title="Our own", organisation=lead.organisation, among=HERE)

    page = text_of(client.get(reverse("plan:intentions")))
    assert "Of somebody else" in page
    assert page.count(">Change<") == 1

    client.post(reverse("plan:remove", args=[ours.pk]))
    page = text_of(client.get(reverse("plan:intentions")))
    assert "Put back" in page
    client.post(reverse("plan:put-back", args=[ours.pk]))
    assert Intention.objects.kept().count() == 2


def test_the_plan_is_narrowed_by_families_and_place(client, lead):
    IntentionFactory(title="For dads", among=("dads", "melbridge"))
    IntentionFactory(title="For carers", among=("carers", "melbridge"))
    versions.move()

    for name in ("plan:timeline", "plan:intentions"):
        page = text_of(client.get(reverse(name), {"audience": "carers", "area": "melbridge"}))
        assert "For carers" in page
        assert "For dads" not in page
    later = text_of(client.get(reverse("plan:timeline"), {"from": "2026-05", "months": "3", "by": "area"}))
    assert "Nothing is planned" in later


@pytest.mark.parametrize("asked_for", ["from=2026-99", "from=x", "months=7", "audience=no", "by=%00", "page=x"])
def test_no_shape_of_the_address_is_an_error(client, lead, asked_for):
    text_of(client.get(f"{reverse('plan:timeline')}?{asked_for}"))


def test_the_picture_and_the_table_say_the_same(client, lead):
    IntentionFactory(title="Ideas for <parks>", among=("dads teens", "melbridge"))
    asked(title="Published", language="uk")
    SchoolTerm.objects.create(name="1", starts_on=date(2026, 1, 5), ends_on=date(2026, 2, 13))
    SchoolTerm.objects.create(name="2", starts_on=date(2026, 2, 23), ends_on=date(2026, 3, 27))
    PreElectionPeriod.objects.create(name="May election", starts_on=date(2026, 3, 20), ends_on=date(2026, 5, 7))

    response = client.get(reverse("plan:timeline"))
    page = text_of(response)

    picture = response.context["picture"]
    assert [(group.name, [bar.text for bar in group.bars]) for group in picture.groups] == [
        ("Dads", ["Published", "Ideas for <parks>"]),
        ("Teens", ["Ideas for <parks>"]),
    ]
    assert "Ideas for &lt;parks&gt;" in page
    shown = {(each.name, each.starts_on.isoformat(), each.ends_on.isoformat()) for each in response.context["shaded"]}
    assert shown == {("Half-term", "2026-02-14", "2026-02-22"), ("May election", "2026-03-20", "2026-05-07")}
    assert "Half-term: Saturday 14 February to Sunday 22 February" in page
    bar = picture.groups[0].bars[0]
    assert bar.x == pytest.approx(59 / 365 * 1100, abs=0.1)
    assert bar.width == pytest.approx(20 / 365 * 1100, abs=0.1)


def test_families_see_how_much_is_published_and_staff_see_all(client, lead):
    asked()
    IntentionFactory(among=HERE)
    IntentionFactory(starts_on=date(2026, 3, 30), ends_on=date(2026, 4, 2), among=HERE)
    versions.move()
    words = "Dads in Melbridge are asked 3 things in March"

    staff = client.get(reverse("plan:load"))
    assert words in text_of(staff)
    counts = [cell.count for cell in staff.context["rows"][0].cells]
    assert counts == [0, 0, 3, 1] + [0] * 8

    client.logout()
    public = client.get(reverse("plan:asked"), {"by": "area", "audience": "dads"})
    assert words not in text_of(public)
    (row,) = public.context["rows"]
    assert (row.name, row.cells[2].count) == ("Melbridge", 1)
    assert row.cells[2].url == "/consultations/?area=melbridge&audience=dads&stage=open&stage=forthcoming"
    assert not public.cookies


def test_a_plan_has_one_page_with_one_timeline_and_is_named_by_its_consultations(client, lead):
    one = asked(title="First ask", organisation=lead.organisation)
    two = ConsultationFactory(title="Second ask")
    hidden = ConsultationFactory(title="A draft", draft=True, organisation=lead.organisation)
    said = {
        "title": "Hubs plan", "organisation": lead.organisation_id, "owner": lead.pk, "summary": "Where we meet you.",
        "consultations": [one.pk, hidden.pk], "others": f"https://hub.example.org/consultations/{two.slug}/",
        "related": "on",
    }  # fmt: skip
    assert "We do not know" in text_of(client.post(reverse("plan:add-umbrella"), said | {"others": "nothing"}), 400)
    client.post(reverse("plan:add-umbrella"), said)
    umbrella = Umbrella.objects.get()
    assert client.get(umbrella.get_absolute_url()).status_code == 404
    client.post(reverse("plan:publish-umbrella", args=[umbrella.slug]))
    client.logout()

    page = text_of(client.get(umbrella.get_absolute_url()))
    assert all(words in page for words in ("First ask", "Second ask", "Last day to take part"))
    assert "A draft" not in page
    page = text_of(client.get(one.get_absolute_url()))
    assert "Hubs plan" in page
    assert "Second ask" in page
    assert "A draft" not in page


def test_what_belongs_together_is_set_from_one_of_the_two(client, lead):
    one = asked(organisation=lead.organisation)
    two = asked(title="The other one")

    client.post(reverse("plan:related", args=[one.slug]), {"consultations": [two.pk]})

    assert two.related.get() == one


def test_what_was_asked_before_stands_beside_the_draft(client, lead):
    draft = asked(organisation=lead.organisation, draft=True)
    reach(ConsultationFactory(title="Last year's", closed=True), "carers", "melbridge", "parks")
    reach(ConsultationFactory(title="Elsewhere", closed=True), "dads", "elsewhere", "parks")
    reach(ConsultationFactory(title="Still open"), *HERE)

    page = text_of(client.get(reverse("plan:asked-before", args=[draft.slug])))

    assert "Last year’s" in page.replace("&#x27;", "’")
    assert "Elsewhere" not in page
    assert "Still open" not in page


def test_weeks_before_an_election_are_set_changed_and_taken_away(client, fis):
    said = {"name": "May", **day_parts("starts_on", date(2026, 3, 20)), **day_parts("ends_on", date(2026, 5, 7))}
    client.post(reverse("plan:add-election"), said)
    (period,) = PreElectionPeriod.objects.all()
    text_of(client.post(reverse("plan:election", args=[period.pk]), said | day_parts("ends_on", date(2026, 3, 1))), 400)
    assert "Friday 20 March" in text_of(client.get(reverse("plan:elections")))

    client.post(reverse("plan:remove-election", args=[period.pk]))
    assert not PreElectionPeriod.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_a_page_asks_as_many_questions_for_twenty_rows_as_for_one(client, fis, count, django_assert_max_num_queries):
    ours = IntentionFactory(organisation=fis.organisation, among=HERE)
    theirs = asked(draft=True)
    for _number in range(count):
        each = IntentionFactory(among=HERE, owner=ours.owner, organisation=ours.organisation)
        ClashDecision.objects.create(
            intention=ours, other_intention=each, choice="go_ahead", reason="Why", days=1, decided_on=date(2026, 1, 1)
        )
        UmbrellaFactory(owner=ours.owner, organisation=ours.organisation).consultations.add(theirs)

    for address, most in (
        (reverse("plan:timeline"), 16),
        (reverse("plan:intentions"), 12),
        (reverse("plan:decisions"), 13),
        (reverse("plan:intention-clashes", args=[ours.pk]), 12),
        (reverse("plan:clashes", args=[theirs.slug]), 12),
        (reverse("plan:umbrellas"), 8),
        (reverse("plan:load"), 8),
        (reverse("plan:asked"), 5),
        (reverse("plan:intention", args=[ours.pk]), 20),
        (reverse("plan:asked-before", args=[theirs.slug]), 12),
    ):
        with django_assert_max_num_queries(most):
            text_of(client.get(address))
