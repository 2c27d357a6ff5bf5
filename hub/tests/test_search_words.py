"""The desk's pages about the words of searches: words that mean the same, and searches that found nothing."""

import pytest
import time_machine
from django.db import DatabaseError
from django.urls import reverse

from accounts.tests.people import People
from consultations.tests.factories import ConsultationFactory
from core import fruitless
from core.dates import today
from core.models import FruitlessSearch, Synonym

pytestmark = pytest.mark.django_db
PAGES = reverse("synonyms")


@pytest.fixture
def fis(client):
    """Somebody of the Family Information Service, signed in."""
    person = People().who("FIS editor")
    client.force_login(person)
    return client


def text(response) -> str:
    """The page."""
    return response.content.decode()


def test_a_group_is_added_and_searches_use_it_at_once(fis):
    ConsultationFactory(title="Short breaks")

    response = fis.post(reverse("synonym-add"), {"words": "short breaks\r\n respite \r\n\r\nRespite"}, follow=True)

    assert "Searches use these words now." in text(response)
    assert [group.words for group in Synonym.objects.all()] == [["short breaks", "respite"]]
    assert "<mark>Short</mark>" in text(fis.get("/search/?q=respite"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("respite", "Enter two or more words"),
        ("", "Enter"),
        ("respite\nRESPITES", "Enter two or more words"),
        ("pool\nbaths", "“pool” is in another group already: pool, lido"),
        ("pond\n" + "a" * 61, "is too long"),
        ("\n".join(f"word{number}" for number in range(21)), "at most"),
        ("!!\n??", "Enter two or more words"),
    ],
)
def test_what_cannot_be_a_group_is_refused_and_nothing_typed_is_lost(fis, words, problem):
    Synonym.objects.create(words=["pool", "lido"])

    response = fis.post(reverse("synonym-add"), {"words": words})

    assert response.status_code == 400
    assert problem in text(response)
    assert all(line in text(response) for line in words.splitlines())
    assert Synonym.objects.count() == 1


def test_words_can_join_a_group_that_is_there(fis):
    group = Synonym.objects.create(words=["pool", "lido"])

    page = fis.get(reverse("synonym-add"), {"words": "baths"})
    fis.post(reverse("synonym-add"), {"words": "baths", "group": group.pk})

    assert "baths</textarea>" in text(page)
    group.refresh_from_db()
    assert group.words == ["pool", "lido", "baths"]


def test_a_group_is_changed_removed_and_brought_back_and_who_did_it_is_kept(fis):
    group = Synonym.objects.create(words=["pool", "lido"])

    fis.post(reverse("synonym", args=[group.pk]), {"words": "pool\nbaths"})
    assert "Remove this group?" in text(fis.get(reverse("synonym-remove", args=[group.pk])))
    fis.post(reverse("synonym-remove", args=[group.pk]))
    assert not Synonym.objects.in_use().exists()
    assert "Bring it back" in text(fis.get(PAGES))
    fis.post(reverse("synonym-restore", args=[group.pk]))

    assert Synonym.objects.in_use().get().words == ["pool", "baths"]
    events = group._meta.apps.get_model("core.SynonymHistory").objects.order_by("pgh_id")
    done = [event.pgh_context.metadata["did"] for event in events if event.pgh_context]
    assert done[-3:] == [
        "changed words that mean the same",
        "removed words that mean the same",
        "brought words that mean the same back",
    ]


def test_a_group_whose_word_has_gone_elsewhere_does_not_come_back(fis):
    group = Synonym.objects.create(words=["pool", "lido"], retired_on=today())
    Synonym.objects.create(words=["pool", "baths"])

    response = fis.post(reverse("synonym-restore", args=[group.pk]), follow=True)

    assert "“pool” is in another group already" in text(response)
    assert Synonym.objects.in_use().count() == 1


def test_a_search_that_finds_nothing_on_three_days_is_shown_to_staff(fis):
    for day in (2, 3, 4):
        with time_machine.travel(f"2026-03-0{day} 12:00Z", tick=False):
            fis.get("/search/?q=zip+wire")
            fis.get("/search/?q=zip+wire&as_typed=1")

    page = text(fis.get(reverse("fruitless")))

    assert "zip wire" in page
    assert f"{reverse('synonym-add')}?words=zip%20wire" in page
    fis.post(reverse("fruitless-forget", args=[FruitlessSearch.objects.get().pk]))
    assert not FruitlessSearch.objects.exists()


def test_what_was_found_is_not_kept(client):
    ConsultationFactory(title="Short breaks")

    client.get("/search/?q=short")
    client.get("/search/?q=shrot")

    assert not FruitlessSearch.objects.exists()


def test_a_search_is_shown_although_it_cannot_be_counted(client, monkeypatch, caplog):
    def broken(*_arguments, **_named):
        raise DatabaseError("zip wire")

    monkeypatch.setattr(fruitless.transaction, "atomic", broken)

    assert client.get("/search/?q=zip+wire").status_code == 200
    assert "zip" not in caplog.text


@pytest.mark.parametrize("name", ["synonyms", "fruitless"])
def test_the_pages_ask_as_many_questions_for_twenty_rows_as_for_one(fis, name, django_assert_max_num_queries):
    taken = []
    for rows in (1, 20):
        for number in range(rows):
            Synonym.objects.create(words=[f"word{rows}-{number}", f"other{rows}-{number}"])
            FruitlessSearch.objects.create(mark=f"{rows}-{number}", words=f"word {number}", days=3, last_on=today())
        with django_assert_max_num_queries(12) as queries:
            fis.get(reverse(name))
        taken.append(len(queries))

    assert taken[0] == taken[1]
    assert "page=2" in text(fis.get(reverse(name)))


def test_counting_a_search_does_not_move_the_content_version(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as owed:
        fruitless.note("zip wire", today())

    assert owed == []
