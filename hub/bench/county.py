"""A county of any size to measure on: consultations in every stage, with texts as long as real ones."""

import random
from collections.abc import Iterable
from datetime import date, timedelta

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, OrganisationKind, Role, User
from consultations.models import (
    Consultation,
    Document,
    ParticipationLevel,
    Support,
    SupportState,
    WayToTakePart,
)
from consultations.stages import Stage
from core.dates import next_working_day, today
from core.models import AccessSupport, Area, Audience, Format, Method, SearchWord, Topic
from feedback.models import AnswerState, FeedbackEntry, Response

BATCH = 2_000
AREAS = (
    "all of the county",
    "northern villages",
    "the coast",
    "market towns",
    "river valley",
    "city centre",
    "hill farms",
)
WORDS = (
    "short breaks holidays support school travel transport speech language therapy autism nursery places "
    "childcare carers parents families children young people health visitor clinic hours opening weekend "
    "evening booking telephone line waiting list assessment plan review money budget savings building "
    "playground library youth club bus route pass transition adulthood college respite overnight "
    "equipment wheelchair sensory room training staff advice outreach groups district local offer "
    "information website letters easy read interpreter survey meeting drop-in forum panel decision "
    "cabinet committee"
).split()


def hold(count: int) -> None:
    """Make the database hold this many consultations, and what goes with them. Nothing is done when it does already."""
    if Consultation.objects.count() == count:
        return
    with connection.cursor() as cursor:
        tables = [FeedbackEntry, Response, Document, Support, WayToTakePart, Consultation]
        names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
        cursor.execute(f"TRUNCATE {names}, {connection.ops.quote_name(SearchWord._meta.db_table)} CASCADE")
    county = _County(random.Random(2009))
    with transaction.atomic(), connection.cursor() as cursor:
        # No history of invented rows, and their words all at once: it takes a fifth of the time.
        cursor.execute("SET LOCAL session_replication_role = replica")
        county.add(count)
        cursor.execute("""
            INSERT INTO core_searchword (word)
            SELECT DISTINCT unnest(tsvector_to_array(to_tsvector('simple', title || ' ' || summary)))
            FROM consultations_consultation
            ON CONFLICT DO NOTHING
        """)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class _County:
    def __init__(self, chance: random.Random):
        self.chance = chance
        self.today = today()
        call_command("load_content", verbosity=0)
        if not Area.objects.exists():
            Area.objects.bulk_create(
                Area(key=f"area-{number}", label=name.capitalize(), position=number)
                for number, name in enumerate(AREAS)
            )
        if not Organisation.objects.exists():
            self._add_organisations()
        self.owners = {each.organisation_id: each for each in Membership.objects.all()}
        self.services = list(Organisation.objects.filter(pk__in=self.owners))
        self.topics, self.audiences, self.areas = (list(model.objects.all()) for model in (Topic, Audience, Area))
        self.methods, self.formats, self.help = (list(model.objects.all()) for model in (Method, Format, AccessSupport))

    def _add_organisations(self) -> None:
        council = Organisation.objects.create(
            name="Westmarch County Council",
            slug="council",
            kind=OrganisationKind.COUNCIL,
            promise_accepted_on=date(2020, 1, 1),
            promise_accepted_by="Director of children's services",
        )
        for number in range(40):
            service = Organisation.objects.create(
                name=f"{self._words(2, 4).capitalize()} service {number}",
                slug=f"service-{number}",
                kind=OrganisationKind.COUNCIL_SERVICE,
                parent=council,
            )
            manager = User.objects.create(email=f"manager{number}@example.org")
            Membership.objects.create(
                user=manager,
                organisation=service,
                role=Role.LEAD,
                job_title="Service manager",
                started_on=date(2020, 1, 1),
            )

    def add(self, count: int) -> None:
        """Consultations in every stage, most of them long over, as in a real register."""
        for start in range(0, count, BATCH):
            rows = Consultation.objects.bulk_create(
                self._consultation(number) for number in range(start, min(count, start + BATCH))
            )
            self._link(Consultation.topics, rows, self.topics, 2)
            self._link(Consultation.audiences, rows, self.audiences, 2)
            self._link(Consultation.areas, rows, self.areas, 1)
            Document.objects.bulk_create(self._document(row) for row in rows for _ in range(self.chance.randint(1, 2)))
            Support.objects.bulk_create(
                Support(consultation=row, kind=kind, state=SupportState.THERE)
                for row in rows
                for kind in self.chance.sample(self.help, 2)
            )
            WayToTakePart.objects.bulk_create(
                WayToTakePart(
                    consultation=row, method=method, description=self._words(5, 14), url="https://example.org/survey"
                )
                for row in rows
                for method in self.chance.sample(self.methods, 2)
            )
            answered = [row for row in rows if row.responded_on]
            answers = Response.objects.bulk_create(self._answer(row) for row in answered)
            FeedbackEntry.objects.bulk_create(
                self._theme(answer, position) for answer in answers for position in range(self.chance.randint(1, 3))
            )

    def _consultation(self, number: int) -> Consultation:
        stages = [
            Stage.OPEN,
            Stage.FORTHCOMING,
            Stage.AWAITING,
            Stage.LATE,
            Stage.RESPONDED,
            Stage.CLOSED,
            Stage.WITHDRAWN,
        ]
        # The first few are one of each, so that a small county has every stage too.
        stage = stages[number] if number < len(stages) else self.chance.choices(stages, [8, 2, 5, 8, 50, 25, 2])[0]
        closes_on = self.today + timedelta(days=self._days_to_closing(stage))
        owes = stage not in (Stage.CLOSED,)
        due = next_working_day(closes_on + timedelta(days=84)) if owes else None
        service = self.chance.choice(self.services)
        return Consultation(
            title=self._words(3, 12).capitalize(),
            slug=f"consultation-{number}",
            organisation=service,
            owner=self.owners[service.pk],
            summary=self._sentences(30, 60),
            why_it_matters=self._sentences(20, 60),
            can_change=self._sentences(20, 60),
            cannot_change=self._sentences(10, 40),
            what_next=self._sentences(10, 40),
            level=self.chance.choice(list(ParticipationLevel)[1:]) if owes else ParticipationLevel.INFORMATION,
            minutes_needed=self.chance.choice([5, 10, 15, 20, None]),
            decided_by="Cabinet",
            contact_name="The team",
            contact_phone="01632 960 114",
            contact_email="team@example.org",
            opens_on=closes_on - timedelta(days=self.chance.randint(43, 90)),
            closes_on=closes_on,
            answer_owed_from=closes_on + timedelta(days=1) if owes else None,
            response_due_on=due,
            first_due_on=due,
            responded_on=closes_on + timedelta(days=50) if stage == Stage.RESPONDED else None,
            withdrawn_on=closes_on - timedelta(days=20) if stage == Stage.WITHDRAWN else None,
            withdrawn_reason="The money went elsewhere." if stage == Stage.WITHDRAWN else "",
            withdrawn_views="We keep them for the next round." if stage == Stage.WITHDRAWN else "",
            took_part=self.chance.randint(5, 900),
            published_at=timezone.now() - timedelta(minutes=number),
        )

    def _days_to_closing(self, stage: Stage) -> int:
        first, last = {
            Stage.OPEN: (0, 40),
            Stage.FORTHCOMING: (95, 200),
            Stage.AWAITING: (-80, -1),
            Stage.LATE: (-400, -90),
        }.get(stage, (-4000, -60))
        return self.chance.randint(first, last)

    def _link(self, field, rows: list, terms: list, most: int) -> None:
        name = field.field.m2m_reverse_field_name()
        field.through.objects.bulk_create(
            field.through(consultation_id=row.pk, **{f"{name}_id": term.pk})
            for row in rows
            for term in self.chance.sample(terms, self.chance.randint(1, most))
        )

    def _document(self, row: Consultation) -> Document:
        return Document(
            consultation=row,
            title=self._words(2, 7).capitalize(),
            format=self.chance.choice(self.formats),
            url="https://example.org/paper.pdf",
            file_type="pdf",
            size_kb=self.chance.randint(40, 4000),
            pages=self.chance.randint(1, 60),
        )

    def _answer(self, row: Consultation) -> Response:
        return Response(
            consultation=row,
            in_short=self._sentences(20, 40),
            we_asked=self._sentences(20, 60),
            total=row.took_part,
            decided_by="Cabinet",
            decided_on=row.responded_on,
            link_to_views=self._sentences(20, 60),
            what_next=self._sentences(20, 60),
            published_at=timezone.now(),
        )

    def _theme(self, answer: Response, position: int) -> FeedbackEntry:
        return FeedbackEntry(
            organisation_id=answer.consultation.organisation_id,
            consultation_id=answer.consultation_id,
            response=answer,
            position=position,
            theme=self._words(2, 6).capitalize(),
            you_said=self._sentences(15, 50),
            answer=AnswerState.DONE,
            we_did=self._sentences(15, 50),
            what_changed=self._sentences(10, 30),
            done_on=self.today - timedelta(days=30),
            published_at=timezone.now(),
        )

    def _words(self, fewest: int, most: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(fewest, most)))

    def _sentences(self, fewest: int, most: int) -> str:
        return " ".join(_in_sentences(self._words(fewest, most).split()))


def _in_sentences(words: list[str]) -> Iterable[str]:
    for start in range(0, len(words), 12):
        yield " ".join(words[start : start + 12]).capitalize() + "."
