"""Families like mine: what fits comes first, nothing is left out, and the address is all there is."""

import pytest

from consultations.models import SupportState
from consultations.tests.around import support, term
from consultations.tests.factories import ConsultationFactory, days
from core.models import Area, Audience, Topic

pytestmark = pytest.mark.django_db
ADDRESS = "/families-like-mine/"


@pytest.fixture
def lists(db):
    """The lists a family chooses from."""
    return {
        "under_5": term(Audience, "under_5"),
        "primary": term(Audience, "primary"),
        "fathers": term(Audience, "fathers"),
        "short_breaks": term(Topic, "short_breaks"),
        "melton": term(Area, "melton"),
    }


def titles(response, which):
    """The titles of the cards of one of the two lists."""
    return [card.consultation.title for card in response.context[which]]


def test_what_fits_most_comes_first_and_nothing_is_left_out(client, lists):
    ConsultationFactory(title="Everybody", closes_on=days(1))
    once = ConsultationFactory(title="Under fives", closes_on=days(2))
    once.audiences.add(lists["under_5"])
    twice = ConsultationFactory(title="Under fives in Melton", closes_on=days(30))
    twice.audiences.add(lists["under_5"])
    twice.areas.add(lists["melton"])

    response = client.get(f"{ADDRESS}?age=under_5&area=melton")

    assert titles(response, "fitting") == ["Under fives in Melton", "Under fives"]
    assert titles(response, "others") == ["Everybody"]


def test_a_need_may_be_a_topic_or_a_kind_of_family(client, lists):
    topical = ConsultationFactory(title="Breaks")
    topical.topics.add(lists["short_breaks"])
    dads = ConsultationFactory(title="Dads")
    dads.audiences.add(lists["fathers"])

    assert titles(client.get(f"{ADDRESS}?need=about-short_breaks"), "fitting") == ["Breaks"]
    assert titles(client.get(f"{ADDRESS}?need=fathers"), "fitting") == ["Dads"]


def test_two_ages_count_once(client, lists):
    both = ConsultationFactory(title="Both", closes_on=days(20))
    both.audiences.add(lists["under_5"], lists["primary"])
    near = ConsultationFactory(title="One, and near", closes_on=days(30))
    near.audiences.add(lists["primary"])
    near.areas.add(lists["melton"])

    response = client.get(f"{ADDRESS}?age=under_5&age=primary&area=melton")

    assert titles(response, "fitting") == ["One, and near", "Both"]


def test_a_language_finds_what_has_an_interpreter(client, lists):
    spoken = ConsultationFactory(title="Spoken")
    support(spoken, "spoken_interpreter", SupportState.ON_REQUEST, days(3))
    never = ConsultationFactory(title="Never")
    support(never, "spoken_interpreter", SupportState.NOT_AVAILABLE)

    assert titles(client.get(f"{ADDRESS}?language=gu"), "fitting") == ["Spoken"]


def test_only_what_families_can_still_do_is_shown(client, lists):
    for trait in ("late", "responded", "withdrawn", "draft"):
        ConsultationFactory(**{trait: True}).audiences.add(lists["under_5"])

    response = client.get(f"{ADDRESS}?age=under_5")

    assert titles(response, "fitting") == titles(response, "others") == []


def test_what_is_not_known_is_left_out(client, lists):
    ConsultationFactory(title="Any")

    response = client.get(f"{ADDRESS}?age=200&need=%00&area='&colour=blue")

    assert response.status_code == 200
    assert not response.context["family"].says_something


def test_no_cookie_is_set_and_search_engines_stay_away(client, lists):
    response = client.get(f"{ADDRESS}?age=under_5")

    assert not response.cookies
    assert b'content="noindex"' in response.content


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_the_same_queries_for_one_and_for_twenty(client, lists, django_assert_max_num_queries, count):
    for each in ConsultationFactory.create_batch(count):
        each.audiences.add(lists["under_5"])

    with django_assert_max_num_queries(11):
        assert len(titles(client.get(f"{ADDRESS}?age=under_5"), "fitting")) == count


# A family's short list


def test_a_list_shows_what_is_in_it_as_it_stands_today_in_its_order(client):
    first, second = ConsultationFactory(title="First"), ConsultationFactory(title="Second", late=True)

    response = client.get(f"/my-list/?c={second.slug}&c={first.slug}")

    assert [card.consultation.title for card in response.context["cards"]] == ["Second", "First"]
    assert "Answer is " in response.content.decode()


def test_a_list_can_be_sent_to_oneself(client):
    consultation = ConsultationFactory(title="Short breaks & more")

    mail = client.get(f"/my-list/?c={consultation.slug}").context["mail_url"]

    assert mail.startswith("mailto:?subject=My%20list&body=Short%20breaks%20%26%20more%0A")
    assert consultation.slug in mail


def test_what_is_gone_is_said_and_an_empty_list_says_how(client):
    draft = ConsultationFactory(draft=True)

    assert "not on this site any more" in client.get(f"/my-list/?c={draft.slug}&c=no-such").content.decode()
    assert "Your list is empty" in client.get("/my-list/").content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_the_same_queries_for_one_and_for_twenty(client, django_assert_max_num_queries, count):
    slugs = "&".join(f"c={each.slug}" for each in ConsultationFactory.create_batch(count))

    with django_assert_max_num_queries(3):
        assert len(client.get(f"/my-list/?{slugs}").context["cards"]) == count
