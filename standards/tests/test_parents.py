"""Parents agree to what a service says of itself, or do not: on the desk, in the register, and in the levels."""

from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from core.dates import today
from feedback.comments.tests.factories import CheckerFactory
from standards.levels import with_parents
from standards.listing import Profile
from standards.models import ClaimAnswer, Level, Rating, SelfCheck
from standards.parents import actions
from standards.tests.factories import ClaimAnswerFactory, begun, published, said_of_all

pytestmark = pytest.mark.django_db


def even(answer) -> str:
    """What a page says, with its white space made even."""
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def reviewer(client):
    """A browser in which a parent reviewer has signed in."""
    member = MembershipFactory(role=Role.PARENT_REVIEWER)
    client.force_login(member.user)
    return member


def claim(check, key="values-established-1"):
    """What a service says of one statement."""
    return check.judgements.get(indicator__key=key)


def say(check, reviewer, agrees="yes", words="", key="values-established-1"):
    """A forum says something of one claim."""
    said = {claim(check, key).pk: (agrees, words)}
    return actions.say(check, by=reviewer, on=today(), now=timezone.now(), said=said)


@pytest.mark.parametrize(
    ("rating", "answers", "becomes"),
    [
        ("in_place", [], "in_place"),
        ("in_place", ["unsure"], "in_place"),
        ("in_place", ["yes", "unsure"], "parents_agree"),
        ("in_place", ["yes", "no"], "parents_disagree"),
        ("started", ["yes"], "started"),
        ("not_applicable", ["no"], "not_applicable"),
    ],
)
def test_one_forum_that_says_no_is_enough_to_dispute_a_claim(rating, answers, becomes):
    assert with_parents(Rating(rating), answers) == becomes


def test_parents_who_agree_raise_a_strand_and_those_who_do_not_lower_it(reviewer):
    check = published()
    assert Profile(check, today()).rows[0].level == Level.EMERGING

    say(check, reviewer)
    assert Profile(check, today()).rows[0].level == Level.ESTABLISHED

    say(check, reviewer, agrees="no")
    assert Profile(check, today()).rows[0].level == Level.EMERGING
    say(check, reviewer, agrees="no", key="values-emerging-1")
    assert Profile(check, today()).rows[0].level is None
    assert ClaimAnswer.objects.count() == 2


def test_a_reviewer_answers_on_one_page_and_the_register_shows_it_beside_the_claim(client, reviewer):
    check = published()
    page = client.get(reverse("standards:claims", args=[check.pk]))
    assert "Can you see anything in the promise that came from parents?" in even(page)
    judgement = claim(check)

    said = {f"agrees_{judgement.pk}": "no", f"words_{judgement.pk}": "Kieran’s mum never saw it."}
    client.post(reverse("standards:claims", args=[check.pk]), said)

    public = even(client.get(check.adoption.get_absolute_url()))
    assert "We say yes, parents say no" in public
    assert f"{reviewer.organisation.name}</strong>: No, we do not agree" in public
    assert "Kieran" not in public
    assert "Their words are being read" in public


def test_nothing_said_is_asked_for_and_a_check_that_is_not_out_cannot_be_answered(client, reviewer):
    check = published()
    answer = client.post(reverse("standards:claims", args=[check.pk]), {})
    assert answer.status_code == 400
    assert "one statement at least" in even(answer)

    private = begun()
    said_of_all(private)
    SelfCheck.objects.filter(pk=private.pk).update(published_on=today(), is_private=True)
    assert client.get(reverse("standards:claims", args=[private.pk])).status_code == 404
    private.refresh_from_db()
    with pytest.raises(ValidationError, match="not published"):
        say(private, reviewer)


def test_the_claim_of_another_check_is_not_answered_from_this_page(reviewer):
    check, other = published(), published()

    with pytest.raises(ValidationError, match="one statement at least"):
        actions.say(check, by=reviewer, on=today(), now=timezone.now(), said={claim(other).pk: ("yes", "")})


def test_words_are_read_first_and_shown_as_the_reader_left_them(client):
    answer = ClaimAnswerFactory(words="Kieran’s mum never saw it.")
    reader = CheckerFactory().membership
    client.force_login(reader.user)
    assert "What parents say of a claim" in even(client.get(reverse("consultations:checks")))
    page = reverse("standards:claim-words", args=[answer.pk])
    assert "Kieran" in even(client.get(page))

    client.post(page, {"words": "We never saw it."})

    public = even(client.get(answer.judgement.check_of.adoption.get_absolute_url()))
    assert "We never saw it." in public
    assert "Kieran" not in public
    assert client.post(page, {"words": "Again"}).status_code == 302
    answer.refresh_from_db()
    assert answer.words == "We never saw it."


def test_words_that_are_left_out_are_not_kept(client):
    answer = ClaimAnswerFactory(words="Kieran’s mum never saw it.")
    client.force_login(CheckerFactory().membership.user)

    client.post(reverse("standards:claim-words", args=[answer.pk]), {"leave_out": "1"})

    answer.refresh_from_db()
    assert (answer.words, answer.words_state) == ("", "left_out")
    with pytest.raises(actions.WordsAlreadyRead):
        actions.show_words(answer, by=None, words="x")


def test_other_words_are_read_again_and_the_same_ones_are_not(reviewer):
    check = published()
    say(check, reviewer, words="It came from us.")
    answer = ClaimAnswer.objects.get()
    actions.show_words(answer, by=None, words="It came from us.")

    say(check, reviewer, agrees="no", words="It came from us.")
    assert ClaimAnswer.objects.get().words_state == "shown"
    say(check, reviewer, words="It did not.")
    assert ClaimAnswer.objects.get().words_state == "waiting"


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_of_checks_takes_the_same_queries_however_long(client, reviewer, django_assert_max_num_queries, count):
    for _number in range(count):
        published()

    with django_assert_max_num_queries(8):
        client.get(reverse("standards:claims-to-look-at"))
