"""What is done with organisations and people."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from accounts import actions
from accounts.models import Organisation, OrganisationKind, Role, Watch
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from core.duties import Duty
from notices import ledger
from notices.models import Fault

pytestmark = pytest.mark.django_db
ON = date(2027, 4, 8)


def test_a_new_body_has_its_place_and_an_address_made_from_its_name():
    council = OrganisationFactory()

    service = actions.add_organisation(
        by=UserFactory(), name="Children's Therapies", kind=OrganisationKind.COUNCIL_SERVICE, parent=council
    )

    assert service.slug == "childrens-therapies"
    assert service.path == f"{council.path}{service.pk}."


@pytest.mark.parametrize(
    ("name", "slug"), [("Therapies", "therapies-2"), ("Терапія", "organisation"), ("!!!", "organisation")]
)
def test_an_address_is_never_taken_twice_and_never_empty(name, slug):
    OrganisationFactory(slug="therapies")

    assert actions.free_slug(name) == slug


def test_a_promise_needs_the_name_of_who_made_it():
    organisation = OrganisationFactory()

    with pytest.raises(ValidationError, match="Enter who accepted the promise"):
        actions.accept_promise(organisation, by=UserFactory(), name="  ", on=ON)

    assert Organisation.objects.get(pk=organisation.pk).promise_accepted_on is None


def test_joining_again_after_leaving_makes_the_promise_hold():
    organisation = OrganisationFactory(promising=True, promise_left_on=date(2026, 1, 1))

    actions.accept_promise(organisation, by=UserFactory(), name="Director", on=ON)

    assert organisation.promise_holder() == organisation


def test_who_left_the_promise_holds_none_and_the_history_says_who_said_so():
    organisation, by = OrganisationFactory(promising=True), UserFactory()

    actions.leave_promise(organisation, by=by, on=ON)

    assert Organisation.objects.get(pk=organisation.pk).promise_holder() is None
    history = apps.get_model("accounts", "OrganisationHistory")
    newest = history.objects.filter(pgh_obj_id=organisation.pk).latest("pgh_id")
    assert newest.pgh_context.metadata == {"by": by.pk, "did": "left the promise"}


def test_only_who_joined_the_promise_can_leave_it_and_only_once():
    organisation = OrganisationFactory()
    with pytest.raises(ValidationError, match="has not joined"):
        actions.leave_promise(organisation, by=UserFactory(), on=ON)

    organisation = OrganisationFactory(promising=True, promise_left_on=date(2026, 1, 1))
    with pytest.raises(ValidationError, match="has not joined"):
        actions.leave_promise(organisation, by=UserFactory(), on=ON)


def test_nobody_leaves_the_promise_before_joining_it():
    organisation = OrganisationFactory(promising=True)
    before = organisation.promise_accepted_on - timedelta(days=1)

    with pytest.raises(ValidationError, match="before it joined"):
        actions.leave_promise(organisation, by=UserFactory(), on=before)


def test_the_same_role_cannot_be_given_twice_but_again_after_it_ended():
    user, organisation = UserFactory(), OrganisationFactory()
    MembershipFactory(user=user, organisation=organisation, role=Role.LEAD, ended_on=date(2026, 1, 1))
    given = {"by": UserFactory(), "user": user, "organisation": organisation, "role": Role.LEAD, "on": ON}

    actions.add_membership(**given)

    with pytest.raises(ValidationError):
        actions.add_membership(**given)


def test_the_history_says_who_did_what():
    by = UserFactory()
    organisation = OrganisationFactory()

    actions.accept_promise(organisation, by=by, name="Director", on=ON)

    history = apps.get_model("accounts", "OrganisationHistory")
    newest = history.objects.filter(pgh_obj_id=organisation.pk).latest("pgh_id")
    assert newest.pgh_context.metadata == {"by": by.pk, "did": "accepted the promise"}
    assert newest.promise_accepted_by == "Director"


def test_the_history_keeps_no_addresses_and_catches_bulk_changes():
    organisation = OrganisationFactory()
    history = apps.get_model("accounts", "OrganisationHistory")
    before = history.objects.filter(pgh_obj_id=organisation.pk).count()

    Organisation.objects.filter(pk=organisation.pk).update(about="Now it says more.")

    assert history.objects.filter(pgh_obj_id=organisation.pk).count() == before + 1
    assert {"mailbox", "phone"}.isdisjoint(field.name for field in history._meta.fields)


# People


@pytest.fixture
def duties(monkeypatch):
    """One duty that names a membership, until it is handed over."""
    held: dict[int, int] = {}

    class OneDuty:
        """What an upper app would register."""

        def of(self, membership_id, on):
            """The things that name it."""
            return [Duty("Short breaks", "/x/", "Owner", "/y/")] * held.get(membership_id, 0)

        def hand_over(self, membership_id, to_id, *, by, on):
            """Name the other one."""
            count = held.pop(membership_id, 0)
            held[to_id] = held.get(to_id, 0) + count
            return count

    monkeypatch.setattr("core.duties._registered", {"one": OneDuty()})
    return held


def test_nobody_leaves_without_handing_over(duties):
    leaver, taker = MembershipFactory(), MembershipFactory()
    duties[leaver.pk] = 2

    with pytest.raises(ValidationError, match="Nobody leaves without handing over"):
        actions.end_membership(leaver, by=taker.user, on=ON)
    leaver.refresh_from_db()
    assert leaver.ended_on is None

    assert actions.end_membership(leaver, by=taker.user, on=ON, to=taker) == 2
    leaver.refresh_from_db()
    assert leaver.ended_on == ON
    assert duties == {taker.pk: 2}


def test_somebody_with_nothing_to_hand_over_just_leaves(duties):
    leaver = MembershipFactory()

    assert actions.end_membership(leaver, by=None, on=ON) == 0
    leaver.refresh_from_db()
    assert leaver.ended_on == ON


def test_somebody_who_stays_can_hand_over_too(duties):
    tired, taker = MembershipFactory(), MembershipFactory()
    duties[tired.pk] = 3

    assert actions.hand_over(tired, by=None, on=ON, to=taker) == 3
    tired.refresh_from_db()
    assert tired.ended_on is None


def test_nothing_is_handed_to_oneself_or_to_somebody_who_has_left(duties):
    one = MembershipFactory()
    also_me = MembershipFactory(user=one.user)
    gone = MembershipFactory(ended_on=ON)
    closed = MembershipFactory(user__is_active=False)

    for to, words in ((also_me, "somebody else"), (gone, "have left"), (closed, "have left")):
        with pytest.raises(ValidationError, match=words):
            actions.hand_over(one, by=None, on=ON, to=to)


@pytest.fixture
def watchable(monkeypatch):
    """Bodies that can be watched; who takes over sees those with an even number only."""

    class Bodies:
        """What an upper app would register."""

        def can_be_watched(self):
            """They can."""
            return True

        def visible_to(self, user):
            """The even ones."""
            return Organisation.objects.annotate(odd=F("pk") % 2).filter(odd=0)

    monkeypatch.setattr("core.records._registered", {"body": Bodies()})


def test_what_a_leaver_watches_goes_to_who_takes_over_as_far_as_they_may_see_it(duties, watchable):
    leaver, taker = MembershipFactory(), MembershipFactory()
    bodies = [OrganisationFactory() for _each in range(4)]
    for each in bodies:
        actions.watch(by=leaver.user, kind="body", record_id=each.pk)
    seen = {each.pk for each in bodies if each.pk % 2 == 0}
    actions.watch(by=taker.user, kind="body", record_id=min(seen))

    actions.end_membership(leaver, by=None, on=ON, to=taker)

    assert set(Watch.objects.values_list("user", "record_id")) == {(taker.user_id, pk) for pk in seen}


def test_who_keeps_another_role_keeps_what_they_watch(duties, watchable):
    leaver, taker = MembershipFactory(), MembershipFactory()
    MembershipFactory(user=leaver.user)
    actions.watch(by=leaver.user, kind="body", record_id=1)

    actions.end_membership(leaver, by=None, on=ON, to=taker)

    assert Watch.objects.get().user == leaver.user


def test_what_a_leaver_watches_keeps_nobody_from_leaving(duties, watchable):
    leaver = MembershipFactory()
    actions.watch(by=leaver.user, kind="body", record_id=1)

    actions.end_membership(leaver, by=None, on=ON)

    assert not Watch.objects.exists()


def test_the_last_one_who_looks_after_the_hub_cannot_leave(duties):
    last = MembershipFactory(role=Role.FIS_MANAGER)
    MembershipFactory(role=Role.FIS_EDITOR, ended_on=ON)

    with pytest.raises(ValidationError, match="Nobody would be left to look after the hub"):
        actions.end_membership(last, by=None, on=ON)

    MembershipFactory(role=Role.FIS_EDITOR)
    actions.end_membership(last, by=None, on=ON)


def test_a_role_that_begins_tomorrow_ends_when_it_began(duties):
    early = MembershipFactory(started_on=ON + timedelta(days=1))

    actions.end_membership(early, by=None, on=ON)

    early.refresh_from_db()
    assert early.ended_on == ON + timedelta(days=1)


def test_somebody_is_added_once_with_an_account_of_their_own():
    organisation = OrganisationFactory()
    facts = {"by": None, "organisation": organisation, "role": Role.CONTRIBUTOR, "on": ON}

    added = actions.add_person(email=" New@Example.org ", name="New", job_title="Manager", **facts)
    assert (added.user.email, added.job_title) == ("new@example.org", "Manager")
    assert not added.user.has_usable_password()

    with pytest.raises(ValidationError, match="this role already"):
        actions.add_person(email="NEW@example.org", name="New", **facts)
    lead = actions.add_person(email="new@example.org", name="New", **facts | {"role": Role.LEAD})
    assert lead.user == added.user


def test_a_closed_account_is_not_opened_by_adding_its_person():
    closed = UserFactory(is_active=False)

    with pytest.raises(ValidationError, match="was closed"):
        actions.add_person(
            by=None, email=closed.email, name="X", organisation=OrganisationFactory(), role=Role.LEAD, on=ON
        )


def test_another_address_is_written_to_from_now_on_and_the_fault_of_the_old_one_ends():
    user = UserFactory(email="old@example.org")
    refused = (ledger.hash_of("old@example.org"), "old@example.org", "550")
    ledger.declare_unreachable([refused], kind=Fault.Kind.ADDRESS, now=timezone.now())

    actions.change_address(user, by=None, email=" New@Example.org", now=timezone.now())

    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert not Fault.objects.open().exists()

    UserFactory(email="taken@example.org")
    with pytest.raises(ValidationError, match="Somebody else has this address"):
        actions.change_address(user, by=None, email="TAKEN@example.org", now=timezone.now())
