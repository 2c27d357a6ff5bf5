"""Who is told of what is owed: the chain from a service up to those who look after the hub."""

from datetime import date

from django.db.models import BooleanField, Case, CharField, ExpressionWrapper, F, Q, Value, When

from accounts.models import FIS_ROLES, VOLUNTEER_KINDS, Membership, Organisation, Role, User
from notices.models import Recipient
from notices.reasons import Reason


def address_of(membership: str) -> Case:
    """The address of the person in a membership that has not ended; empty when there is none."""
    active = {f"{membership}__ended_on__isnull": True, f"{membership}__user__is_active": True}
    return Case(When(**active, then=F(f"{membership}__user__email")), default=Value(""), output_field=CharField())


def has_left(membership: str) -> ExpressionWrapper:
    """Whether somebody was named and is no longer there."""
    gone = Q(**{f"{membership}__ended_on__isnull": False}) | Q(**{f"{membership}__user__is_active": False})
    return ExpressionWrapper(Q(**{f"{membership}__isnull": False}) & gone, output_field=BooleanField())


def run_by_volunteers() -> ExpressionWrapper:
    """Whether the organisation is invited to answer and never escalated (DESIGN rule 2)."""
    return ExpressionWrapper(Q(organisation__kind__in=VOLUNTEER_KINDS), output_field=BooleanField())


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
