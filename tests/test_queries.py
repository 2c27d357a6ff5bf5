"""What staff pages ask of the database: never more than 20 questions, whether there is one of everything or 200."""

from collections.abc import Iterator, Sequence
from itertools import count, cycle

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Watch
from core.dates import today
from core.models import FruitlessSearch, Synonym
from notices import ledger, post
from notices.models import Hold
from standards.tests.factories import said_of_all
from tests.test_addresses import County, ours

pytestmark = pytest.mark.django_db

MOST = 20
MANY = 199
# What makes another one of a thing, where the database says that no two are the same.
_number = count(1)


def more_of(one: models.Model, **varied) -> list[models.Model]:
    """As many more like a thing, all at once, with its lists; `varied` are functions of a number."""
    model = type(one)
    fields = [each for each in model._meta.concrete_fields if not each.primary_key and not each.generated]
    values = {each.attname: getattr(one, each.attname) for each in fields}
    made = []
    for _each in range(MANY):
        number = next(_number)
        unlike = {name: vary(number) for name, vary in varied.items()}
        if "slug" in values:
            unlike["slug"] = f"another-{number}"
        made.append(model(**values | unlike))
    made = model.objects.bulk_create(made)
    for field in model._meta.many_to_many:
        through = field.remote_field.through
        if through._meta.auto_created:
            mine, other = field.m2m_column_name(), field.m2m_reverse_name()
            listed = through.objects.filter(**{mine: one.pk}).values_list(other, flat=True)
            through.objects.bulk_create([through(**{mine: each.pk, other: pk}) for each in made for pk in listed])
    return made


def each_of(those: Sequence[models.Model]):
    """A function that gives their ids one after the other, and then begins again."""
    ids: Iterator[int] = cycle([each.pk for each in those])
    return lambda number: next(ids)


def fill(county: County) -> None:
    """Many more of all that staff pages list, with as many owners."""
    bodies = more_of(county.service, name=lambda n: f"Body {n}", path=lambda n: "")
    users = more_of(county.owner.user, email=lambda n: f"p{n}@example.org")
    owners = more_of(county.owner, user_id=each_of(users))
    more_of(county.owner, user_id=each_of(users), organisation_id=each_of(bodies), role=lambda n: Role.LEAD)
    named = {"owner_id": each_of(owners), "title": lambda n: f"Short breaks {n}"}
    late = more_of(county.consultation, **named)
    more_of(county.answered.consultation, **named)
    more_of(county.report.consultation, **named)
    more_of(county.check, consultation_id=each_of(more_of(county.check.consultation, **named)))
    events = more_of(county.event, **named)
    more_of(county.help, consultation_id=each_of(late), due_on=lambda n: today())
    more_of(county.entry, owner_id=named["owner_id"])
    more_of(county.intention, owner_id=named["owner_id"])
    more_of(county.umbrella, owner_id=named["owner_id"])
    examples = more_of(county.example, title=named["title"])
    more_of(county.tried, organisation_id=each_of(bodies))
    more_of(county.example_check, example_id=each_of(more_of(county.example_check.example, title=named["title"])))
    more_of(county.label, kind=lambda n: "example", record_id=each_of(examples))
    more_of(county.fault, recipient_hash=lambda n: f"{n:064}", address=lambda n: f"f{n}@example.org")
    more_of(county.run)
    more_of(county.row, reference=lambda n: f"r-{n}")
    more_of(county.resource, reference=lambda n: f"r-{n}", title=lambda n: f"Guide {n}")
    more_of(county.suggestion, reference=lambda n: f"r-{n}")
    more_of(county.note)
    more_of(county.comment, reference=lambda n: f"R{n:08}")
    more_of(county.comment, reference=lambda n: f"S{n:08}", suspicion=lambda n: "links")
    more_of(county.route)
    pledges = more_of(county.pledge, organisation_id=each_of(bodies))
    more_of(county.own_check, adoption_id=each_of(pledges), published_on=lambda n: today())
    said_of_all(county.own_check)
    more_of(county.planned)
    more_of(county.claim, forum_id=each_of(bodies))
    more_of(county.peer, email=lambda n: f"n{n}@example.org")
    stories = more_of(county.story)
    more_of(county.story.consents.get(), story_id=each_of(stories))
    done = more_of(county.parents.entry)
    more_of(county.parents, entry_id=each_of(done))
    more_of(county.label, words=lambda n: f"word {n}")
    more_of(county.label, record_id=each_of(events))
    Synonym.objects.bulk_create([Synonym(words=[f"a{n}", f"b{n}"]) for n in range(MANY)])
    FruitlessSearch.objects.bulk_create(
        [FruitlessSearch(mark=f"{n}", words=f"word {n}", last_on=today()) for n in range(MANY)]
    )
    hold = {"reason": "answer-owed", "why": "They are ill.", "until": today()}
    Hold.objects.bulk_create([Hold(about_id=each.pk, **hold) for each in late[: MANY // 2]])


def staff_pages(county: County) -> Iterator[str]:
    """The address of each, and of each list that a page of messages can show."""
    for name, address, pattern in ours():
        if address.startswith("desk/"):
            yield from (reverse(name, kwargs=arguments) for arguments in county.arguments(name, pattern))
    yield from (f"{reverse('notices:messages')}?show={show}" for show in ("sent", "held", "dropped"))


@pytest.mark.parametrize("filled", [False, True], ids=["one", "200"])
def test_no_staff_page_asks_the_database_more_than_twenty_questions(client, mailoutbox, filled):
    county = County()
    if filled:
        fill(county)
    manager = county.who("FIS manager")
    Watch.objects.bulk_create([Watch(user=manager, kind="event", record_id=each) for each in _ids(county.event)])
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    ledger.owe(today(), timezone.now())
    asked = {}
    for url in (reverse("notices:messages"), reverse("accounts:messages-to", args=[county.owner.pk])):
        asked[f"before it goes out: {url}"] = _questions(client, url)
    post.send(today(), timezone.now(), at_once=True)
    asked |= {url: _questions(client, url) for url in staff_pages(county)}

    assert len(asked) > 100
    assert {url: number for url, number in asked.items() if number > MOST} == {}


def _ids(one: models.Model) -> list[int]:
    """The ids of all that is there of a kind."""
    return list(type(one).objects.values_list("pk", flat=True))


def _questions(client, url: str) -> int:
    """How many questions a page asks."""
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return len(asked)
