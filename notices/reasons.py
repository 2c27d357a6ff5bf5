"""Why a message is owed. Upper apps describe their reasons in their notices.py and register them here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import BooleanField, IntegerField, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Line:
    """What a mail, or the desk, says about one thing: what is owed, to how many, and the form that deals with it."""

    title: str
    url: str  # its page for families, without the host
    what: str  # "Answer is 12 days late (was due 1 July)"
    families: str  # how many are waiting, in words; empty when not known or fewer than 5
    button: str
    button_url: str  # the form, without the host
    due_on: date | None
    service: str = ""  # who owes it
    owner_url: str = ""  # the page on which somebody else is named to answer for it, without the host
    # Steps that ask for something else than the form above: their button and its address, by the step's key.
    other_forms: dict[str, tuple[str, str]] = field(default_factory=dict)

    def form(self, step: str) -> tuple[str, str]:
        """The button of a step and the form it opens."""
        return self.other_forms.get(step, (self.button, self.button_url))

    sponsor_button: str = ""  # where `url` is a page for staff: what the sponsor can do there

    def days_late(self, day: date) -> int:
        """How many days past its date it is; 0 when it is not, or has no date."""
        return max((day - self.due_on).days, 0) if self.due_on else 0

    def rank(self, day: date) -> tuple:
        """Worst first: the longest late, then what falls due soonest, then what has no date."""
        return (self.due_on is None, self.due_on or day, self.title)


class Reason:
    """A rule that owes messages. It says what is true on a day; the ledger does the rest.

    When a thing leaves `things`, or its date or its people change, whatever
    was owed and not sent is dropped, and a new date owes anew. So a reason has
    nothing to do on publication or withdrawal.
    """

    name: str
    label: str | Promise  # on the desk: why this was sent
    anchors: dict[str, str | Promise]  # the dates that its steps may count from, columns of `things`, in words
    chases = True  # chasing waits for working hours; what families are told does not
    owes = True  # something is owed; a thank you says that something was done
    # It watches those who look after the hub: they do not change when it goes out, and its mail names the council.
    watches_keepers = False
    # The kind of thing that families follow (`Followable.of`), when it is they who are told and nobody else.
    follows = ""
    # The column of `things` with the id of the thing that is followed.
    followed = "pk"
    # The column of `things` with the moment it happened, where that is known: whoever follows since is not told.
    happened_at = ""
    # Somebody asked for this very mail by typing an address: `things` has it as `address`, with its `recipient_hash`.
    # The page that its one link opens, such as notices.links.CONFIRM.
    asked_for_page = ""
    # It replies to somebody who told the hub something and gave an address: `things` has both columns as well.
    replies = False
    # What it says is to come: a mail once a week has to say it up to this many days sooner.
    FORESEEN = timedelta(days=6)
    foresees = False
    # `things` asks the database nothing itself and reads no setting: its statement is the same all day, and is kept.
    by_day_alone = False
    why: str | Promise = ""  # why its reader is told, where their role does not say it
    heading: str | Promise = ""  # of what stands apart: the hub itself, or news; empty: something families are owed
    ends: str | Promise = gettext_lazy("Reminders stop by themselves when families have their answer.")

    # What `things` must have besides its primary key and the anchors.
    COLUMNS = ("to_owner", "to_deputy", "to_team", "owner_left", "organisation_id", "volunteers")

    @property
    def to_typed_address(self) -> bool:
        """Whether it goes to an address that somebody typed into a form of ours, and to nobody else."""
        return bool(self.asked_for_page) or self.replies

    @property
    def tells_families(self) -> bool:
        """Whether it is families who are told, because they asked for it, and nobody on the staff."""
        return bool(self.follows) or self.to_typed_address

    def things(self, day: date) -> QuerySet:
        """Everything that something is owed about on `day`, with the anchors and COLUMNS.

        `to_owner`, `to_deputy` and `to_team` are addresses, empty when there is
        nobody; `owner_left` is true where somebody is named who is no longer
        there; `volunteers` is true of bodies that are invited and never escalated.
        """
        raise NotImplementedError

    def roster(self, day: date) -> tuple[str, list]:
        """Who else may be told, as SQL and its parameters.

        Rows of a role, the organisation it is for (null: every one) and an address.
        """
        raise NotImplementedError

    def followed_of(self, ids: Collection[int]) -> set[int]:
        """The ids of what is followed, of these things: the same where the thing itself is followed."""
        return set(ids)

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What to say about the things with these ids, by id, in a fixed number of queries."""
        raise NotImplementedError


class ForFamilies(Reason):
    """Something that families asked to be told. Nobody on the staff is, nothing is owed, and it goes at any hour."""

    chases = owes = False
    heading = gettext_lazy("You asked us to tell you")
    ends = gettext_lazy("We write again when there is more news.")

    @staticmethod
    def without_staff(things: QuerySet) -> QuerySet:
        """The things, with nobody on the staff to tell."""
        nobody, no = Value(""), Value(False, output_field=BooleanField())
        return things.annotate(
            to_owner=nobody,
            to_deputy=nobody,
            to_team=nobody,
            owner_left=no,
            volunteers=no,
            **({} if _has_organisation(things) else {"organisation_id": Value(0, output_field=IntegerField())}),
        )

    def roster(self, day: date) -> tuple[str, list]:
        """Nobody."""
        return "SELECT '', 0, '' WHERE false", []


def _has_organisation(things: QuerySet) -> bool:
    return any(getattr(field, "attname", "") == "organisation_id" for field in things.model._meta.get_fields())


_registered: dict[str, Reason] = {}


def register(reason: type[Reason]) -> type[Reason]:
    """Add a reason to the ledger: a class decorator."""
    _registered[reason.name] = reason()
    return reason


def registered() -> dict[str, Reason]:
    """Every reason, by name."""
    return dict(_registered)


def for_staff() -> dict[str, Reason]:
    """Every reason that tells people of what they owe or look after, by name; not those that tell families news."""
    return {name: reason for name, reason in _registered.items() if not reason.tells_families}


def lines_about(rows: Iterable, day: date) -> dict[tuple[str, int], Line]:
    """The line of each notice or fault, by its reason and what it is about; one call of each reason.

    What is no longer in the database has none.
    """
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.reason, set()).add(row.about_id)
    found: dict[tuple[str, int], Line] = {}
    for name, ids in wanted.items():
        if reason := _registered.get(name):
            lines = reason.lines(sorted(ids), day)
            found |= {(name, pk): line for pk, line in lines.items()}
    return found
