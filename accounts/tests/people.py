"""The people of permission tests, known by what they are to one service."""

from datetime import date

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory

EVERYBODY = (
    "nobody",
    "contributor elsewhere",
    "lead elsewhere",
    "lead of a body below",
    "contributor",
    "lead",
    "lead of the body above",
    "owner",
    "deputy",
    "owner who left",
    "FIS editor",
    "FIS manager",
    "FIS manager who left",
    "sponsor of the hub",
    "board viewer",
    "parent reviewer",
    "lead who left",
    "lead whose account is closed",
    "superuser",
    "superuser whose account is closed",
)


class People:
    """A service in the middle of a tree, and everybody who might ask for something of it."""

    def __init__(self):
        self.council = OrganisationFactory(name="The council", promising=True)
        self.service = OrganisationFactory(name="The service", parent=self.council)
        self.team = OrganisationFactory(name="A team of the service", parent=self.service)
        self.elsewhere = OrganisationFactory(name="Another council")
        self.owner = MembershipFactory(organisation=self.elsewhere, role=Role.PARENT_REVIEWER)
        self.deputy = MembershipFactory(organisation=self.elsewhere, role=Role.PARENT_REVIEWER)

    def who(self, name: str):
        """The person called `name` in EVERYBODY. Owner and deputy hold memberships of another body."""
        return getattr(self, f"_{name.lower().replace(' ', '_')}")()

    def _member(self, role, organisation=None, **facts):
        user = UserFactory(**facts.pop("user", {}))
        MembershipFactory(user=user, organisation=organisation or self.service, role=role, **facts)
        return user

    def _nobody(self):
        return AnonymousUser()

    def _contributor_elsewhere(self):
        return self._member(Role.CONTRIBUTOR, self.elsewhere)

    def _lead_elsewhere(self):
        return self._member(Role.LEAD, self.elsewhere)

    def _lead_of_a_body_below(self):
        return self._member(Role.LEAD, self.team)

    def _contributor(self):
        return self._member(Role.CONTRIBUTOR)

    def _lead(self):
        return self._member(Role.LEAD)

    def _lead_of_the_body_above(self):
        return self._member(Role.LEAD, self.council)

    def _owner(self):
        return self.owner.user

    def _deputy(self):
        return self.deputy.user

    def _owner_who_left(self):
        self.owner.ended_on = date(2025, 1, 1)
        self.owner.save()
        return self.owner.user

    def _fis_editor(self):
        return self._member(Role.FIS_EDITOR, self.elsewhere)

    def _fis_manager(self):
        return self._member(Role.FIS_MANAGER, self.elsewhere)

    def _fis_manager_who_left(self):
        return self._member(Role.FIS_MANAGER, self.elsewhere, ended_on=date(2025, 1, 1))

    def _sponsor_of_the_hub(self):
        return self._member(Role.LEAD, OrganisationFactory(name="The council that keeps the hub", is_keeper=True))

    def _board_viewer(self):
        return self._member(Role.BOARD_VIEWER, self.council)

    def _parent_reviewer(self):
        return self._member(Role.PARENT_REVIEWER)

    def _lead_who_left(self):
        return self._member(Role.LEAD, ended_on=date(2025, 1, 1))

    def _lead_whose_account_is_closed(self):
        return self._member(Role.LEAD, user={"is_active": False})

    def _superuser(self):
        return UserFactory(is_superuser=True)

    def _superuser_whose_account_is_closed(self):
        return UserFactory(is_superuser=True, is_active=False)
