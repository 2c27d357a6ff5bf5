"""The question the ledger asks: which step has each thing of a reason reached on a day, and who is to be told?

One WITH clause in three parts. `reached`: each thing at its latest step, with
everybody who could be told. `told`: those whose step counts. `person`: each
with one address. What runs over a million consultations is the same as what
runs over one. Steps are a handful of rows, so they are written into the
statement: the database then compares dates, and sorts nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone

from core.opening import IS_OPEN_SQL
from notices import followables
from notices.models import Cadence, Recipient, Step
from notices.reasons import Reason

ROLES = Recipient.values
# A step is written as its day and its place in the order, in one number: the greatest is the latest.
PLACES = 100
# Repeats of a timing that was changed are counted from here on, once for each change, so that they are new ones.
NEW_COUNT = 10_000


class Timing(NamedTuple):
    """A step in force on a day."""

    place: int
    step: Step
    changes: int  # how often its timing was changed before


def timings(reason: Reason, day: date, steps: Iterable[Step] | None = None) -> list[Timing]:
    """The steps of a reason that count on a day, in their order; of `steps` instead of those in the database."""
    if steps is None:
        steps = Step.objects.filter(reason=reason.name).order_by("pk")
    steps = [each for each in steps if each.anchor in reason.anchors]
    found: list[Timing] = []
    for number, step in enumerate(steps):
        if step.is_in_force(day):
            changes = sum(earlier.key == step.key for earlier in steps[:number])
            found.append(Timing(len(found), step, changes))
    if len(found) > PLACES:
        raise ValueError(f"{reason.name} has more than {PLACES} steps in force")
    return found


def question(
    reason: Reason,
    day: date,
    ids: Sequence[int] | None = None,
    steps: Iterable[Step] | None = None,
    followers: Sequence[str] | None = None,
    unsaid: bool = False,
    cadences: Sequence[str] = Cadence.values,
    filters: Mapping[str, Sequence[str]] | None = None,
    first: bool = True,
) -> tuple[str, list]:
    """The WITH clause and its parameters; with `ids`, about those things only; with `steps`, as if those were in force.

    With `followers`, of those who follow a thing only these addresses: a thing
    may have tens of thousands. With `unsaid`, without most of those whom the
    ledger knows to be told already: it is for them that a pass has nothing to do.
    With `cadences`, of what can wait only for those who want it in this rhythm.
    `filters` is one batch of `followables.filters_of`, the `first` or a later one.

    A step holds until the next one of its reason begins, so each thing has at
    most one: a missed run is made up with the latest and never in a burst.
    `person` may hold somebody twice, in two roles.
    """
    thing, thing_params = things_statement(reason, day, ids)
    roster, roster_params = reason.roster(day)
    all_timings = timings(reason, day, steps)
    by = day + reason.FORESEEN if reason.foresees else day
    step, step_params = _step_rows(all_timings)
    counts = _counts(all_timings, reason)
    arms_params: list = []
    if reason.to_typed_address:
        arms = _ASKED.format(rank=_rank(Recipient.FOLLOWER))
    elif reason.follows:
        arms, arms_params = _followers(reason, day, all_timings, followers, cadences, filters or {}, first)
    else:
        arms = " UNION ALL ".join(_arms(all_timings))
    # One look into the ledger for each thing, not for each of its people. Those who follow it are looked up one by one.
    looks = unsaid and not reason.tells_families
    said = f"ARRAY({_SAID.format(reason=reason.name)})" if looks else "NULL::text[]"
    only_unsaid = "WHERE address <> ALL (said)" if looks else ""
    sql = f"""
        WITH dead (address) AS MATERIALIZED (
            SELECT address FROM notices_fault WHERE kind = 'address' AND mended_at IS NULL
        ),
        roster (role, organisation_id, address) AS MATERIALIZED (
            SELECT DISTINCT role, organisation_id, lower(address)
            FROM ({roster}) AS everybody (role, organisation_id, address)
            WHERE lower(address) NOT IN (SELECT address FROM dead)
        ),
        lead (organisation_id, leads) AS MATERIALIZED (
            SELECT organisation_id, array_agg(address ORDER BY address) FROM roster WHERE role = 'lead' GROUP BY 1
        ),
        everywhere (fis, sponsors) AS MATERIALIZED (
            SELECT array_agg(address ORDER BY address) FILTER (WHERE role = 'fis'),
                array_agg(address ORDER BY address) FILTER (WHERE role = 'sponsor')
            FROM roster
        ),
        step (place, step, every, urgent) AS MATERIALIZED ({step}),
        thing ({", ".join(_columns(reason))}) AS ({thing}),
        placed AS (
            SELECT pk, {_alive("to_owner")} AS owner, {_alive("to_team")} AS team, {_alive("to_deputy")} AS deputy,
                lead.leads, owner_left, volunteers{_listed(reason)}, code %% {PLACES} AS place,
                {_by_place(all_timings, lambda each: each.step.anchor, "NULL::date", f"code %% {PLACES}")} AS about_on,
                DATE '0001-01-01' + code / {PLACES} AS begins_on
            FROM thing LEFT JOIN lead USING (organisation_id)
            -- OFFSET 0: worked out once for each thing, however often it is read above.
            CROSS JOIN LATERAL (SELECT {_latest(all_timings, by)} AS code OFFSET 0) AS latest
            WHERE code IS NOT NULL
        ),
        repeated AS (
            SELECT placed.*, step.step, {_times(all_timings, by)} AS times,
                owner = '' AND team = '' AND (volunteers OR deputy = '' AND leads IS NULL) AS unreceived
            FROM placed JOIN step USING (place)
        ),
        counted AS (
            SELECT repeated.*, CASE WHEN times = 0 THEN 0
                    ELSE {_by_place(all_timings, lambda each: str(each.changes * NEW_COUNT), "0")} + times
                END AS repeat,
                begins_on + times * {_by_place(all_timings, lambda each: str(each.step.repeat_every_days or 0), "0")}
                    AS owed_on
            FROM repeated
        ),
        reached AS MATERIALIZED (SELECT counted.*, {said} AS said FROM counted),
        told AS {"MATERIALIZED" if counts else "NOT MATERIALIZED"} (SELECT * FROM reached WHERE {counts or "true"}),
        person AS (
            SELECT pk, place, repeat, about_on, owed_on, rank, address, recipient_hash, cadence
            FROM ({arms}) AS everybody
                (pk, place, repeat, about_on, owed_on, said, recipient_hash, rank, address, cadence)
            {only_unsaid}
        )
    """
    return sql, [*roster_params, *step_params, *thing_params, *arms_params]


def things_statement(reason: Reason, day: date, ids: Sequence[int] | None = None) -> tuple[str, tuple]:
    """The statement of a reason's things on a day, with its parameters; with `ids`, of those only.

    Putting it together takes longer than most of them run, so it is kept where it is the same all day.
    """
    if ids is None and reason.by_day_alone:
        return _kept_statement(reason, day)
    return _put_together(reason, day, ids)


def _put_together(reason: Reason, day: date, ids: Sequence[int] | None = None) -> tuple[str, tuple]:
    things = reason.things(day)
    if ids is not None:
        things = things.filter(pk__in=ids)
    extra = {name: F(source) for name, source in _extra_columns(reason).items() if name != source}
    sql, params = things.annotate(**extra).order_by().values_list(*_columns(reason)).query.sql_with_params()
    if reason.tells_families:
        # Nothing is news for families while the hub is not open to them: what waits is struck out, nothing new is laid.
        sql = f"SELECT * FROM ({sql}) AS news WHERE {IS_OPEN_SQL}"
    return sql, params


# So many reasons, on two days.
_kept_statement = lru_cache(maxsize=50)(_put_together)


def _columns(reason: Reason) -> tuple[str, ...]:
    return ("pk", *reason.anchors, *reason.COLUMNS, *_extra_columns(reason))


# Whom the ledger knows to be told what a thing's step says, dropped ones aside.
_SAID = """
    SELECT known.address::text FROM notices_notice AS known
    WHERE known.about_id = counted.pk AND known.about_on = counted.about_on AND known.step = counted.step
        AND known.repeat = counted.repeat AND known.reason = '{reason}' AND known.dropped_at IS NULL
"""


def _step_rows(all_timings: Iterable[Timing]) -> tuple[str, list]:
    rows = [(each.place, each.step.key, each.step.repeat_every_days or 0, each.step.urgent) for each in all_timings]
    if not rows:
        return "SELECT 0, '', 0, false WHERE false", []
    return f"VALUES {', '.join(['(%s, %s, %s, %s)'] * len(rows))}", [value for row in rows for value in row]


def _latest(all_timings: Sequence[Timing], day: date) -> str:
    """The latest step that has begun on the day: the days up to its beginning, and its place."""
    by_anchor: dict[str, list[Timing]] = {}
    for each in sorted(all_timings, key=lambda each: (each.step.offset_days, each.place), reverse=True):
        by_anchor.setdefault(each.step.anchor, []).append(each)
    begun = []
    for anchor, those in by_anchor.items():
        cases = " ".join(
            f"WHEN thing.{anchor} <= DATE '{day - timedelta(days=step.offset_days)}'"
            f" THEN (thing.{anchor} - DATE '0001-01-01' + ({step.offset_days})) * {PLACES} + {place}"
            for place, step, _changes in those
        )
        begun.append(f"CASE {cases} END")
    return f"GREATEST({', '.join(begun)})" if begun else "NULL::integer"


def _times(all_timings: Iterable[Timing], day: date) -> str:
    """How often the step has come again by the day: 0 for the first time."""
    repeating = [each for each in all_timings if each.step.repeat_every_days]
    return _by_place(repeating, lambda each: f"(DATE '{day}' - begins_on) / {each.step.repeat_every_days}", "0")


def _counts(all_timings: Iterable[Timing], reason: Reason) -> str:
    """Whether a step counts: one that has a first day says nothing of the days before it.

    A changed timing does speak of a day before, when the one it replaced had not been laid down by then: the
    reminder that moved earlier still comes.
    """
    conditions = []
    for place, step, changes in all_timings:
        if step.valid_from:
            since = timezone.make_aware(datetime.combine(step.valid_from, time(0))).isoformat()
            untold = (
                "times = 0 AND NOT EXISTS (SELECT 1 FROM notices_notice AS earlier"
                f" WHERE earlier.about_id = pk AND earlier.about_on = reached.about_on"
                " AND earlier.step = reached.step"
                f" AND earlier.reason = '{reason.name}' AND earlier.laid_down_at < '{since}')"
            )
            counts = f"owed_on >= DATE '{step.valid_from}'" + (f" OR {untold}" if changes else "")
            conditions.append(f"(place <> {place} OR {counts})")
    return " AND ".join(conditions)


def _arms(all_timings: Sequence[Timing]) -> Iterable[str]:
    """The people of each thing, one arm for each role, and one for whoever stands in."""
    columns = "pk, place, repeat, about_on, owed_on, said, NULL::text"
    told = {role: _places(each for each in all_timings if role in each.step.recipients) for role in ROLES}
    yield f"SELECT {columns}, 0, owner, NULL::text FROM told WHERE owner <> '' AND {told[Recipient.OWNER]}"
    yield (
        f"SELECT {columns}, {_rank(Recipient.DEPUTY)}, deputy, NULL::text FROM told"
        f" WHERE deputy <> '' AND NOT volunteers AND {told[Recipient.DEPUTY]}"
    )
    yield (
        f"SELECT {columns}, {_rank(Recipient.LEAD)}, unnest(leads), NULL::text FROM told"
        f" WHERE NOT volunteers AND {told[Recipient.LEAD]} AND leads <> ARRAY[owner]"
    )
    for role, addresses in ((Recipient.FIS, "fis"), (Recipient.SPONSOR, "sponsors")):
        yield (
            f"SELECT {columns}, {_rank(role)}, unnest({addresses}), NULL::text FROM told CROSS JOIN everywhere"
            f" WHERE NOT volunteers AND {told[role]}"
        )
    chain = _by_place(all_timings, lambda each: f"'{{{','.join(each.step.chain)}}}'::text[]", "NULL::text[]")
    yield f"""
        SELECT {columns}, stand_in.rank, unnest(stand_in.addresses), NULL::text FROM told CROSS JOIN everywhere
        CROSS JOIN LATERAL (
            SELECT array_position('{{{",".join(ROLES)}}}'::text[], role) - 1 AS rank, addresses
            FROM unnest({chain}) WITH ORDINALITY AS chain (role, turn)
            CROSS JOIN LATERAL (SELECT CASE role
                WHEN 'team' THEN CASE WHEN team <> '' THEN ARRAY[team] END
                WHEN 'deputy' THEN CASE WHEN deputy <> '' AND NOT volunteers THEN ARRAY[deputy] END
                WHEN 'lead' THEN CASE WHEN NOT volunteers THEN leads END
                WHEN 'fis' THEN CASE WHEN NOT volunteers THEN fis END
                WHEN 'sponsor' THEN CASE WHEN NOT volunteers THEN sponsors END
            END) AS there (addresses)
            WHERE addresses IS NOT NULL ORDER BY turn LIMIT 1
        ) AS stand_in
        WHERE owner = '' AND {_by_place(all_timings, _needs_a_stand_in, "false")}
    """


def _extra_columns(reason: Reason) -> dict[str, str]:
    """What `things` must have besides, for those who follow them or asked for the mail: each column and its source."""
    if reason.to_typed_address:
        return {"address": "address", "recipient_hash": "recipient_hash"}
    if reason.follows:
        happened = {"happened_at": reason.happened_at} if reason.happened_at else {}
        return {"followed": reason.followed} | happened
    return {}


def _listed(reason: Reason) -> str:
    return "".join(f", thing.{name}" for name in _extra_columns(reason))


# Whoever typed an address is told there, and nowhere else.
_ASKED = """
    SELECT pk, place, repeat, about_on, owed_on, said, recipient_hash, {rank}, told.address, 'at_once'
    FROM told WHERE NOT EXISTS (SELECT 1 FROM dead WHERE dead.address = told.address)
"""


def _followers(
    reason: Reason,
    day: date,
    all_timings: Iterable[Timing],
    among: Sequence[str] | None,
    cadences: Sequence[str],
    filters: Mapping[str, Sequence[str]],
    first: bool,
) -> tuple[str, list]:
    """Those who follow each thing, and did so before the news of it: what came before is no news to them."""
    held, held_params = followables.holding(reason.follows, "SELECT followed FROM told", filters, first)
    local_day = f"(follower.confirmed_at AT TIME ZONE '{timezone.get_default_timezone_name()}')::date"
    since = "follower.confirmed_at <= happened_at" if reason.happened_at else f"{local_day} <= about_on"
    rhythms = ", ".join(f"'{Cadence(each).value}'" for each in cadences)
    goes_now = f"({_places(each for each in all_timings if each.step.urgent)} OR follower.cadence IN ({rhythms}))"
    foreseen = f"(owed_on <= DATE '{day}' OR follower.cadence = '{Cadence.WEEK.value}')" if reason.foresees else "true"
    arm = f"""
        SELECT pk, place, repeat, about_on, owed_on, said, follower.recipient_hash, {_rank(Recipient.FOLLOWER)},
            follower.address, follower.cadence
        FROM told
        JOIN ({held}) AS held (follows, about_id, filter, thing) ON held.thing = told.followed
        JOIN notices_subscription AS follower
            ON follower.follows = held.follows AND follower.about_id = held.about_id AND follower.filter = held.filter
            AND follower.confirmed_at IS NOT NULL AND follower.left_at IS NULL
        WHERE {since} AND {goes_now} AND {foreseen}
            AND NOT EXISTS (SELECT 1 FROM dead WHERE dead.address = follower.address)
    """
    return (
        (arm, held_params) if among is None else (f"{arm} AND follower.address = ANY (%s)", [*held_params, list(among)])
    )


def _needs_a_stand_in(timing: Timing) -> str:
    """True of a thing without an owner: when its owner is to be told, or when nobody else of the step is there."""
    recipients = timing.step.recipients
    if Recipient.OWNER in recipients:
        return "true"
    there: dict[str, str] = {
        Recipient.DEPUTY: "deputy <> '' AND NOT volunteers",
        Recipient.LEAD: "leads IS NOT NULL AND NOT volunteers",
        Recipient.FIS: "fis IS NOT NULL AND NOT volunteers",
        Recipient.SPONSOR: "sponsors IS NOT NULL AND NOT volunteers",
    }
    return f"NOT ({' OR '.join(there[role] for role in recipients)})"


def _alive(column: str) -> str:
    """An address that takes our mail, in lower case; empty when there is none. Mostly no address is dead."""
    is_dead = f"(SELECT count(*) > 0 FROM dead) AND lower({column}) IN (SELECT address FROM dead)"
    return f"CASE WHEN {is_dead} THEN '' ELSE lower({column}) END"


def _by_place(
    some_timings: Iterable[Timing], says: Callable[[Timing], str], otherwise: str, place: str = "place"
) -> str:
    """A CASE over the steps; those that say the same share a branch."""
    branches: dict[str, list[str]] = {}
    for each in some_timings:
        branches.setdefault(says(each), []).append(str(each.place))
    cases = " ".join(f"WHEN {place} IN ({', '.join(places)}) THEN {then}" for then, places in branches.items())
    return f"CASE {cases} ELSE {otherwise} END" if cases else otherwise


def _places(some_timings: Iterable[Timing]) -> str:
    places = ", ".join(str(each.place) for each in some_timings)
    return f"place IN ({places})" if places else "false"


def _rank(role: str) -> int:
    return ROLES.index(role)
