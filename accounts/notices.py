"""Who is told of what is owed: the chain from a service up to those who look after the hub, and when they do not."""

from collections.abc import Collection, Sequence
from datetime import date

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Lower, NullIf, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import FIS_ROLES, VOLUNTEER_KINDS, Membership, Organisation, Role, User
from accounts.stages import Upkeep, last_looked_after, upkeep
from core.dates import day_words
from core.facts import facts
from core.models import HubFacts
from notices import readers
from notices.models import Fault, Recipient, mask
from notices.reasons import Line, Reason, lines_about, register


def address_of(membership: str) -> Case:
    """The address of the person in a membership that has not ended; empty when there is none."""
    active = {f"{membership}__ended_on__isnull": True, f"{membership}__user__is_active": True}
    return Case(When(**active, then=F(f"{membership}__user__email")), default=Value(""), output_field=CharField())


def has_left(membership: str) -> ExpressionWrapper:
    """Whether somebody was named and is no longer there."""
    gone = Q(**{f"{membership}__ended_on__isnull": False}) | Q(**{f"{membership}__user__is_active": False})
    return ExpressionWrapper(Q(**{f"{membership}__isnull": False}) & gone, output_field=BooleanField())


@readers.register
def who_reads_at(addresses: Collection[str]) -> dict[str, readers.Reader]:
    """The people who sign in with these addresses, as what and for whom; else the bodies whose mailboxes they are."""
    found = {
        address: readers.Reader(_("Mailbox of %(body)s") % {"body": name})
        for address, name in Organisation.objects.annotate(at=Lower("mailbox"))
        .filter(at__in=addresses)
        .order_by("-pk")
        .values_list("at", "name")
    }
    roles: dict[str, list[Membership]] = {}
    members = Membership.objects.active().annotate(at=Lower("user__email")).filter(at__in=addresses)
    for each in members.select_related("user", "organisation").order_by("pk"):
        roles.setdefault(each.user.email.lower(), []).append(each)
    for address, theirs in roles.items():
        name = "; ".join(str(each) for each in theirs)
        found[address] = readers.Reader(name, reverse("accounts:messages-to", args=[theirs[0].pk]))
    return found


def run_by_volunteers(organisation: str = "organisation") -> ExpressionWrapper:
    """Whether the organisation is invited to answer and never escalated (DESIGN rule 2)."""
    return ExpressionWrapper(Q(**{f"{organisation}__kind__in": VOLUNTEER_KINDS}), output_field=BooleanField())


class Chased(Reason):
    """What a service owes families: chased up its own chain, then by those who look after the hub."""

    def roster(self, day: date) -> tuple[str, list]:
        """The leads for each organisation, those who look after the hub, and the leads of the council that keeps it.

        The leads for an organisation are its own or, where it has none, those of
        the nearest body above it: what `leads_of` answers for one, here for all.
        A body's own path names the bodies above it, so each is looked up and
        none is searched for.
        """
        active = (
            f"SELECT member.organisation_id, member.role, person.email FROM {Membership._meta.db_table} AS member"
            f" JOIN {User._meta.db_table} AS person ON person.id = member.user_id AND person.is_active"
            " WHERE member.ended_on IS NULL"
        )
        bodies = Organisation._meta.db_table
        sql = f"""
            WITH active (organisation_id, role, address) AS MATERIALIZED ({active})
            SELECT '{Recipient.LEAD}', below.id, active.address FROM {bodies} AS below
            CROSS JOIN LATERAL (
                SELECT above.organisation_id
                FROM unnest(string_to_array(rtrim(below.path, '.'), '.')::bigint[])
                    WITH ORDINALITY AS above (organisation_id, depth)
                WHERE EXISTS (SELECT 1 FROM active
                    WHERE active.organisation_id = above.organisation_id AND active.role = '{Role.LEAD}')
                ORDER BY depth DESC LIMIT 1
            ) AS nearest
            JOIN active ON active.organisation_id = nearest.organisation_id AND active.role = '{Role.LEAD}'
            UNION ALL
            SELECT '{Recipient.FIS}', NULL, address FROM active WHERE role = ANY (%s)
            UNION ALL
            SELECT '{Recipient.SPONSOR}', NULL, address FROM active
            WHERE role = '{Role.LEAD}' AND organisation_id IN (SELECT id FROM {bodies} WHERE is_keeper)
        """
        return sql, [list(FIS_ROLES)]


@register
class FaultFound(Chased):
    """What keeps a message from somebody who owes an answer: told to those who look after the hub, then to its sponsor.

    The Family Information Service's own mailbox is told when nobody there is named.
    """

    name = "fault-found"
    label = heading = gettext_lazy("Something keeps messages from arriving")
    ends = gettext_lazy("This reminder stops by itself when it is put right.")
    anchors = {"found_on": gettext_lazy("the day it was found")}

    def things(self, day: date) -> QuerySet:
        """The faults that nobody has mended."""
        keeper = Organisation.objects.filter(is_keeper=True).values("pk")[:1]
        return Fault.objects.open().annotate(
            found_on=TruncDate("found_at", tzinfo=timezone.get_default_timezone()),
            to_owner=Value(""),
            owner_left=Value(False),
            to_deputy=Value(""),
            to_team=Coalesce(
                NullIf(Subquery(HubFacts.objects.values("fis_email")[:1]), Value("")), Value(settings.HUB_FIS_EMAIL)
            ),
            organisation_id=Subquery(keeper),
            volunteers=Value(False),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What is wrong with what, and where it is mended."""
        return self.lines_of(list(Fault.objects.filter(pk__in=ids)), day)

    def lines_of(self, faults: Sequence[Fault], day: date) -> dict[int, Line]:
        """The same of faults that have been read already."""
        about = lines_about(faults, day)
        members = Membership.objects.active().filter(user__email__in=[each.address for each in faults if each.address])
        of_address = {each.user.email: each for each in members.select_related("user", "organisation")}
        return {
            each.pk: self._line(each, about.get((each.reason, each.about_id)), of_address.get(each.address))
            for each in faults
        }

    def _line(self, fault: Fault, about: Line | None, membership: Membership | None) -> Line:
        what = {
            Fault.Kind.NOBODY: _("Nobody gets its reminders"),
            Fault.Kind.OWNERLESS: _("Its owner has left"),
            Fault.Kind.ADDRESS: _("This address does not take our mail"),
            Fault.Kind.STUCK: _("A message to this address is stuck"),
        }[Fault.Kind(fault.kind)]
        messages = reverse("notices:messages")
        if about is not None:
            title, service, button = about.title, about.service, _("Choose an owner")
            url = about.owner_url or messages
        else:
            title = mask(fault.address) or _("An address that was erased")
            if fault.about_id is not None:
                title = _("A record that is no longer here")
            service = f"{membership.organisation.name}: {membership.public_name}" if membership else ""
            button, url = _("Put it right"), reverse("notices:fault", args=[fault.pk])
        return Line(
            title=title,
            # Its own, so that it is not taken for the thing it is about.
            url=f"{reverse('desk')}#fault-{fault.pk}",
            what=what,
            families="",
            button=button,
            button_url=url,
            due_on=None,
            service=service,
            owner_url=reverse("accounts:address", args=[membership.pk]) if membership else "",
            sponsor_button=_("See it on the desk"),
        )


@register
class HubUnattended(Chased):
    """The hub itself, when nobody from the Family Information Service has signed in for long.

    It is about the council that keeps the hub, and counts from the day on
    which the hub was last looked after: a sign-in ends it. Services are chased
    all the same.
    """

    name = "hub-unattended"
    label = gettext_lazy("Nobody looks after the hub")
    heading = gettext_lazy("Somebody has to look after the hub")
    ends = gettext_lazy("This reminder stops by itself when somebody from the service signs in.")
    watches_keepers = True
    anchors = {"looked_after_on": gettext_lazy("the last day on which somebody from the service signed in")}

    def things(self, day: date) -> QuerySet:
        """The council that keeps the hub."""
        fis = Membership.objects.of_fis()
        first_there = fis.active().order_by("started_on", "pk").values("user__email")[:1]
        return Organisation.objects.filter(is_keeper=True).annotate(
            looked_after_on=Cast(Value(upkeep(day).looked_after_on), DateField()),
            to_owner=Value(""),
            owner_left=ExpressionWrapper(Q(Exists(fis)) & ~Q(Exists(fis.active())), output_field=BooleanField()),
            # As long as one of them is left, somebody receives it.
            to_deputy=Coalesce(Subquery(first_there), Value("")),
            to_team=F("mailbox"),
            organisation_id=F("pk"),
            volunteers=Value(False),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Since when nobody came, and who could; once somebody came, when that was."""
        since = last_looked_after()
        if since is None:
            return {}
        what = _("The %(service)s last signed in on %(day)s")
        if Upkeep(since, day).is_neglected:
            what = _("Nobody from the %(service)s has signed in since %(day)s")
        line = Line(
            title=facts().name,
            url=reverse("accounts:keepers"),
            what=what % {"service": facts().fis_name, "day": day_words(since, day)},
            families="",
            button=_("Open the desk"),
            button_url=reverse("desk"),
            due_on=None,
            sponsor_button=_("See who looks after the hub"),
        )
        return dict.fromkeys(ids, line)


@register
class Invited(Chased):
    """Whoever was added is asked to sign in for the first time, at once and once more a week later.

    Its link opens the page that welcomes them, after a code that comes to the
    same mailbox: there they can choose a password. Nothing in the mail itself
    lets anybody in, so one that is forwarded or kept does no harm.
    """

    name = "invited"
    label = gettext_lazy("Somebody is asked to sign in for the first time")
    heading = gettext_lazy("You can sign in now")
    why = gettext_lazy("You get this because somebody who looks after the hub added you.")
    ends = gettext_lazy("We do not ask again after you have signed in.")
    chases = owes = False
    anchors = {"invited_on": gettext_lazy("the day they were invited")}

    def things(self, day: date) -> QuerySet:
        """The roles of those who were invited and have never signed in."""
        nobody, no = Value(""), Value(False, output_field=BooleanField())
        invited = Membership.objects.active().filter(invited_on__isnull=False, user__last_login=None)
        return invited.annotate(
            to_owner=F("user__email"), to_deputy=nobody, to_team=nobody, owner_left=no, volunteers=no
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """For whom they act, and as what."""
        roles = Membership.objects.filter(pk__in=ids).select_related("organisation")
        return {
            each.pk: Line(
                title=facts().name,
                url=f"{reverse('accounts:welcome')}#{each.pk}",
                what=_("%(role)s for %(body)s") % {"role": each.get_role_display(), "body": each.organisation.name},
                families="",
                button=_("Sign in for the first time"),
                button_url=reverse("accounts:welcome"),
                due_on=None,
                service=each.organisation.name,
            )
            for each in roles
        }
