"""Who can do what, worked out from the rules themselves, so that the page cannot say anything else than they do."""

from dataclasses import dataclass

import rules
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.gate import RECORD_PERMISSIONS
from accounts.models import Membership, Organisation, Role
from core.permissions import Permission

EVERYWHERE, OWN, NO = "everywhere", "own", "no"
IN_THEIR_SERVICE = _("In their own service")

# A permission that is not here is named by its own name.
WORDS = {
    Permission.USE_DESK: _("Use the desk"),
    Permission.SEE_ALL_DESKS: _("See what every service owes"),
    Permission.SEE_KEEPERS: _("See who looks after the hub"),
    Permission.EDIT_ORGANISATION: _("Change an organisation"),
    Permission.SEE_PEOPLE: _("See who acts for which service"),
    Permission.MOVE_PEOPLE: _("End somebody’s role, and hand over what they own"),
    Permission.ADD_PEOPLE: _("Add people, and help them to sign in"),
    Permission.SET_UP_HUB: _("Set up the hub: names, contacts, areas, organisations"),
    Permission.OPEN_HUB: _("Open the hub to the public, and close it"),
    Permission.EDIT_SEARCH_WORDS: _("Say which search words mean the same"),
    Permission.SEE_CONSULTATION: _("See a consultation that is not published"),
    Permission.EDIT_CONSULTATION: _("Change a consultation"),
    Permission.PUBLISH_CONSULTATION: _("Publish a consultation"),
    Permission.PUBLISH_UNCHECKED: _("Publish without a check (a lead: after three clean ones)"),
    Permission.CHECK_LISTING: _("Check what others send"),
    Permission.ADD_CONSULTATION: _("Add a consultation"),
    Permission.SETTLE_HELP: _("See who needs help to take part, and settle it"),
    Permission.ADD_INTENTION: _("Put something in the forward plan"),
    Permission.EDIT_INTENTION: _("Change what is planned"),
    Permission.EDIT_UMBRELLA: _("Change a plan that consultations belong to"),
    Permission.PUBLISH_UMBRELLA: _("Publish such a plan"),
    Permission.READ_BOARD_REPORTS: _("Read the reports for boards"),
    Permission.ISSUE_BOARD_REPORTS: _("Issue a report for boards or of the local offer"),
    Permission.MAKE_EVIDENCE_PACK: _("Make an evidence pack"),
    Permission.ANSWER_RIGHTS: _("Show and erase what is held about an e-mail address"),
    Permission.ERASE_NOTES: _("Erase other people’s notes"),
    Permission.NAME_OWNER: _("Say who answers for a consultation"),
    Permission.CHECK_IMPORTS: _("Deal with imported rows that wait"),
    Permission.EDIT_SOURCES: _("Say which feeds are read every night"),
    Permission.SEE_EVENT: _("See an event that is not published"),
    Permission.ADD_EVENT: _("Add an event"),
    Permission.EDIT_EVENT: _("Change an event and its dates"),
    Permission.PUBLISH_EVENT: _("Publish an event"),
    Permission.EDIT_TERMS: _("Set the school terms"),
    Permission.WRITE_ANSWER: _("Write an answer"),
    Permission.PUBLISH_ANSWER: _("Publish an answer"),
    Permission.WRITE_ENTRY: _("Write in “You said, we did”"),
    Permission.NAME_PROMISE_OWNER: _("Say who keeps a promise"),
    Permission.CHECK_PROMISE: _("Say what parents say of a promise"),
    Permission.INVITE_PARENT: _("Ask a parent whether a promise was kept"),
    Permission.SEE_EXAMPLE: _("See a good practice example that is not published"),
    Permission.ADD_EXAMPLE: _("Add a good practice example"),
    Permission.EDIT_EXAMPLE: _("Change a good practice example"),
    Permission.PUBLISH_EXAMPLE: _("Take a good practice example off the site, and bring it back"),
    Permission.EDIT_TRIED: _("Change what their service said of trying an example"),
    Permission.ADD_STORY: _("Write a parent’s story down"),
    Permission.EDIT_STORY: _("Change a parent’s story, record its permission, remove it"),
    Permission.PUBLISH_STORY: _("Publish a parent’s story"),
    Permission.KEEP_NETWORK: _("Let people into the network, and take them out"),
    Permission.ADOPT_STANDARD: _("Adopt the standard for a body that they lead"),
    Permission.EDIT_ADOPTION: _("Change or end a pledge, and publish a self-check"),
    Permission.WRITE_CHECK: _("Fill in a self-check"),
    Permission.ANSWER_CLAIMS: _("Say whether parents agree with a self-check"),
    Permission.SEE_FAULTS: _("See what keeps messages from people"),
    Permission.SEE_MESSAGES: _("See all messages"),
    Permission.EDIT_TIMINGS: _("Change when reminders go out"),
    Permission.STEER_MESSAGES: _("Hold a message back, or send it now"),
}
SUBJECTS = {
    "accounts": _("The hub and its people"),
    "consultations": _("Consultations and events"),
    "feedback": _("Answers and promises"),
    "practice": _("Good practice, toolkits and links"),
    "standards": _("The standard"),
    "notices": _("Messages"),
    "core": _("Search and lists"),
}


class Person:
    """Somebody with one role, whom the rules are asked about. Nobody in the database."""

    is_authenticated = is_active = True
    is_superuser = False
    pk = 1

    def __init__(self, role: Role, path: str, **facts):
        body = Organisation(pk=1, path=path, is_keeper=facts.pop("is_keeper", False))
        self._active_memberships = (Membership(pk=facts.get("membership", 1), role=role, organisation=body, user_id=1),)


class Record:
    """A draft of whatever kind, of one body: the rules are asked who may do something about it."""

    def __init__(self, path: str, owner: int | None = None):
        self.organisation = Organisation(pk=2, path=path)
        self.path = path
        self.owner_id = owner
        self.owner = Membership(pk=owner, user_id=1) if owner else None

    def __getattr__(self, name):
        """Nothing else is known of it."""
        if name.startswith("__"):
            raise AttributeError(name)


@dataclass(frozen=True)
class Column:
    """A role as the table shows it: somebody who has it, and a record that is theirs."""

    label: str | Promise
    person: Person
    theirs: Record
    own: str | Promise = IN_THEIR_SERVICE

    def words(self, answer: str) -> str | Promise:
        """The answer as the table says it."""
        return {EVERYWHERE: _("Yes"), OWN: self.own, NO: _("No")}[answer]


HERE, ABOVE, ELSEWHERE = "1.2.", "1.", "9."
COLUMNS = [
    *(
        Column(role.label, Person(role, HERE), Record(HERE))
        for role in (Role.CONTRIBUTOR, Role.LEAD, Role.FIS_EDITOR, Role.FIS_MANAGER)
    ),
    Column(_("Lead of the council that keeps the hub"), Person(Role.LEAD, ABOVE, is_keeper=True), Record(HERE)),
    Column(Role.BOARD_VIEWER.label, Person(Role.BOARD_VIEWER, HERE), Record(HERE)),
    Column(Role.PARENT_REVIEWER.label, Person(Role.PARENT_REVIEWER, HERE), Record(HERE)),
    # Whatever their role is: being named for one thing is enough for that one.
    Column(
        _("Named as owner"),
        Person(Role.PARENT_REVIEWER, HERE, membership=7),
        Record(ELSEWHERE, owner=7),
        own=_("For what they own"),
    ),
]


def may(column: Column, permission: Permission) -> str:
    """Whether somebody with this role may, and how far."""
    if permission not in RECORD_PERMISSIONS:
        return EVERYWHERE if rules.has_perm(permission, column.person) else NO
    if rules.has_perm(permission, column.person, Record(ELSEWHERE)):
        return EVERYWHERE
    return OWN if rules.has_perm(permission, column.person, column.theirs) else NO


def words_of(permission: Permission) -> str | Promise:
    """The permission in plain words."""
    return WORDS.get(permission, permission.name.replace("_", " ").capitalize())


class WhoCanDoWhat(TemplateView):
    """One table for each subject: what can be done, and which roles can."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/who_can.html"

    def get_context_data(self, **kwargs):
        """The tables, from the rules."""
        by_subject: dict[str, list] = {name: [] for name in SUBJECTS}
        for permission in Permission:
            answers = [(column, may(column, permission)) for column in COLUMNS]
            cells = [(column.label, answer, column.words(answer)) for column, answer in answers]
            by_subject.setdefault(permission.partition(".")[0], []).append((words_of(permission), cells))
        tables = [(SUBJECTS.get(name, name), rows) for name, rows in by_subject.items() if rows]
        return super().get_context_data(tables=tables, roles=[column.label for column in COLUMNS], **kwargs)
