"""Toolkits and links as families find, read and judge them."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultations.tests.around import term
from core.dates import today
from core.fetching import Answer
from core.links import note, note_what_is_shown
from core.models import Link, LinkUse, Topic
from core.tables import public_tables
from practice.resources import limits
from practice.resources.forms import UsefulForm
from practice.resources.models import Reader, Resource, Suggestion, Votes
from practice.resources.tests.factories import HelpsWithFactory, ResourceFactory, link_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    """Nobody has sent a form yet."""
    cache.clear()


def page(client, query=""):
    """The list as families read it."""
    return client.get(reverse("resources:find") + query)


def titles(client, query=""):
    """The titles in the list."""
    return [card.resource.title for card in page(client, query).context["cards"]]


def read(client, resource):
    """The page of one."""
    return client.get(resource.get_absolute_url())


# --- The list


def test_the_list_has_what_is_published_by_title_and_nothing_else(client):
    ResourceFactory(title="Zebra guide")
    ResourceFactory(title="A guide")
    ResourceFactory(title="A draft", draft=True)
    ResourceFactory(title="Off", archived_at=timezone.now())

    assert titles(client) == ["A guide", "Zebra guide"]


def test_each_box_says_how_many_it_would_show(client):
    send, helps = term(Topic, "send"), HelpsWithFactory(key="forum")
    both = ResourceFactory(title="Both", audiences=[Reader.PARENTS, Reader.PRACTITIONERS])
    both.topics.add(send)
    both.helps_with.add(helps)
    ResourceFactory(title="Parents", kind="toolkit")

    facets = {
        facet.name: {choice.value: choice.count for choice in facet.choices}
        for facet in page(client).context["finder"].facets
    }

    assert facets["audience"] == {"parents": 2, "practitioners": 1}
    assert facets["kind"] == {"toolkit": 1, "guidance": 1}
    assert facets["topic"] == {"send": 1}
    assert facets["helps"] == {"forum": 1}
    assert titles(client, "?audience=practitioners") == ["Both"]
    assert titles(client, "?topic=send&kind=toolkit") == []
    assert titles(client, "?helps=forum&kind=guidance") == ["Both"]


def test_words_find_a_title_before_a_summary_and_a_slip_is_mended(client):
    ResourceFactory(title="About forums", summary="Nothing else.")
    ResourceFactory(title="Other", summary="There are forums too.")

    assert titles(client, "?q=forum") == ["About forums", "Other"]
    assert titles(client, "?q=froums") == ["About forums", "Other"]
    assert "so we looked for" in page(client, "?q=froums").content.decode()


def test_what_an_address_asks_wrongly_is_left_out_and_said(client):
    ResourceFactory(title="A guide")

    answer = page(client, "?kind=poem&topic=nothing&page=x&q=%00")

    assert answer.status_code == 200
    assert len(answer.context["finder"].notes) == 3


def test_the_list_asks_the_database_as_often_for_twenty_as_for_one(client):
    def asked():
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert page(client, "?q=guide").status_code == 200
        return len(queries)

    helps = HelpsWithFactory()
    ResourceFactory().helps_with.add(helps)
    one = asked()
    for _each in range(19):
        resource = ResourceFactory()
        resource.helps_with.add(helps)
        Votes.objects.create(resource=resource, useful=9)
        link_of(resource)

    assert asked() == one


def test_an_empty_list_says_so_and_asks_for_suggestions(client):
    said = page(client).content.decode()

    assert "No toolkit or link is listed yet" in said
    assert reverse("resources:suggest") in said
    assert "See all toolkits and links" in page(client, "?q=zzz").content.decode()


# --- Its link


def test_a_page_says_whether_its_link_works_and_when_it_was_tried(client):
    tried, failing, never = (ResourceFactory() for _each in range(3))
    link_of(tried)
    link_of(failing, bad_days=2)

    assert "Link works, checked" in read(client, tried).content.decode()
    assert "Link did not open on" in read(client, failing).content.decode()
    assert "Link not checked yet" in read(client, never).content.decode()
    assert "Link works, checked" in page(client).content.decode()


def test_a_broken_one_is_on_no_list_and_its_page_says_that_we_are_mending_it(client):
    broken, other = ResourceFactory(title="Broken guide"), ResourceFactory(title="Other guide")
    helps = HelpsWithFactory()
    broken.helps_with.add(helps)
    other.helps_with.add(helps)
    link_of(broken, works=False)

    own = read(client, broken)
    said = own.content.decode()

    assert own.status_code == 200
    assert "This link does not work" in said
    assert "We are mending it" in said
    assert f'href="{broken.url}"' not in said
    assert "Is this useful?" not in said
    assert titles(client) == ["Other guide"]
    for address in ("resources:feed", "resources:csv"):
        content = client.get(reverse(address))
        text = b"".join(content.streaming_content) if content.streaming else content.content
        assert b"Other guide" in text
        assert b"Broken guide" not in text
    assert b"Broken guide" not in client.get("/search/?q=guide").content
    assert broken.get_absolute_url().encode() not in client.get("/sitemap-resources.xml").content
    assert b"Broken guide" not in read(client, other).content


def test_it_shows_again_by_itself_once_its_page_opens(client):
    resource = ResourceFactory(title="Guide")
    link = link_of(resource, works=False)
    assert titles(client) == []

    note(link, Answer(200, resource.url), on=today(), now=timezone.now())

    assert titles(client) == ["Guide"]


def test_the_links_of_published_ones_are_tried_broken_ones_too():
    broken = ResourceFactory()
    link_of(broken, works=False)
    ResourceFactory(draft=True)
    found = ResourceFactory(found=True)

    note_what_is_shown()

    assert set(LinkUse.objects.values_list("kind", "record_id")) == {("resource", broken.pk), ("resource", found.pk)}
    assert Link.objects.broken().get().url == broken.url


def test_one_that_nobody_has_looked_at_for_long_says_so(client):
    resource = ResourceFactory(checked_on=today() - timedelta(days=400), review_by=today() - timedelta(days=35))

    assert "Not checked since" in read(client, resource).content.decode()


# --- Other ways to have it


def test_feed_and_table_hold_what_the_list_shows(client):
    wanted = ResourceFactory(title="For parents", summary="=SUM(A1)")
    Votes.objects.create(resource=wanted, useful=4)
    ResourceFactory(title="For staff", audiences=[Reader.PRACTITIONERS])

    feed = ElementTree.fromstring(client.get(reverse("resources:feed") + "?audience=parents").content)
    table = b"".join(client.get(reverse("resources:csv") + "?audience=parents").streaming_content).decode()

    entries = [each.text for each in feed.findall("{*}entry/{*}title")]
    assert entries == ["For parents (Guide)"]
    assert "For parents" in table
    assert "For staff" not in table
    assert "'=SUM(A1)" in table
    assert "fewer than 5" in table
    assert "resources" in {each.name for each in public_tables()}


def test_it_can_be_passed_on_unless_its_link_is_dead(client):
    works, broken = ResourceFactory(), ResourceFactory()
    link_of(broken, works=False)

    for name in ("share", "poster", "code"):
        assert client.get(reverse(f"resources:{name}", args=[works.slug])).status_code == 200
        assert client.get(reverse(f"resources:{name}", args=[broken.slug])).status_code == 404


def test_the_site_search_finds_it(client):
    ResourceFactory(title="Forum handbook")

    assert "Forum <mark>handbook</mark>" in client.get("/search/?q=handbook").content.decode()


# --- "Is this useful?"


def useful(client, resource, answer="yes", mark=None, **headers):
    """Press one of the two buttons."""
    mark = UsefulForm().fields["mark"].new_mark() if mark is None else mark
    return client.post(
        reverse("resources:useful", args=[resource.slug]), {"answer": answer, "mark": mark}, headers=headers
    )


def test_an_answer_counts_for_it_alone_and_sets_no_cookie(client):
    resource, other = ResourceFactory(), ResourceFactory()

    done = useful(client, resource)
    useful(client, resource, "no")
    thanks = client.get(done.url)

    votes = Votes.objects.get()
    assert (votes.resource, votes.useful, votes.not_useful) == (resource, 1, 1)
    assert "Thank you" in thanks.content.decode()
    assert not client.cookies
    assert not hasattr(other, "votes")


def test_the_buttons_on_the_page_work_as_they_are(client):
    """No JavaScript, no session: what stands in the page is enough."""
    resource = ResourceFactory()
    mark = read(client, resource).context["useful"]["mark"].value()

    assert useful(client, resource, mark=mark() if callable(mark) else mark).status_code == 302


def test_few_answers_are_not_shown_and_those_who_said_no_never_are(client):
    resource = ResourceFactory()
    Votes.objects.create(resource=resource, useful=4, not_useful=91)
    assert "found this useful" not in read(client, resource).content.decode()

    Votes.objects.update(useful=5)
    Resource.objects.update(version=2)  # the count is read anew with the page

    said = read(client, resource).content.decode()
    assert "5 people found this useful" in said
    section = re.sub("<[^>]*>", "", said.partition("Is this useful?")[2].partition("</section>")[0])
    assert "91" not in section


def test_one_place_counts_three_times_a_day_for_one_thing_and_is_thanked_all_the_same(client):
    resource = ResourceFactory()

    answers = [useful(client, resource).status_code for _each in range(5)]

    assert answers == [302] * 5
    assert Votes.objects.get().useful == limits.A_DAY_ABOUT_ONE
    assert useful(client, ResourceFactory()).status_code == 302
    assert Votes.objects.count() == 2


def test_a_program_that_presses_on_and_on_is_stopped(client, monkeypatch):
    monkeypatch.setattr(limits, "ANSWERS_FROM_ONE_PLACE", 2)
    resource = ResourceFactory()

    assert [useful(client, resource).status_code for _each in range(3)] == [302, 302, 429]


@pytest.mark.parametrize("mark", ["", "forged:1:2"])
def test_an_answer_without_a_good_mark_is_asked_for_again(client, mark):
    resource = ResourceFactory()

    answer = useful(client, resource, mark=mark)

    assert answer.status_code == 400
    assert "Yes, it is useful" in answer.content.decode()
    assert not Votes.objects.exists()


def test_a_mark_that_is_too_old_is_asked_for_again(client):
    resource = ResourceFactory()
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        mark = UsefulForm().fields["mark"].new_mark()

    assert useful(client, resource, mark=mark).status_code == 400


def test_another_site_cannot_answer_in_somebodys_name(client):
    resource = ResourceFactory()

    assert useful(client, resource, Origin="https://evil.example").status_code == 403
    assert useful(client, resource, Origin="null").status_code == 403
    assert useful(client, resource, Origin=django_settings.HUB_BASE_URL).status_code == 302
    assert Votes.objects.get().useful == 1


def test_a_browser_may_say_where_the_buttons_were(client):
    """Under no-referrer it would say "null", and every answer would be refused."""
    assert read(client, ResourceFactory())["Referrer-Policy"] == "same-origin"


# --- Suggesting one


def suggest(client, **said):
    """Send the form."""
    form = {"url": "https://good.example.org/a", "title": "A good guide", "why": "It helped us.", "website": ""}
    mark = client.get(reverse("resources:suggest")).context["form"]["once"].initial
    return client.post(
        reverse("resources:suggest"),
        form | {"once": mark} | said,
        headers=said.pop("headers", {}),
    )


@pytest.fixture
def later(monkeypatch):
    """What would be done by a worker."""
    from practice import tasks

    asked = []
    monkeypatch.setattr(tasks.try_suggestion, "delay", asked.append)
    return asked


def test_a_suggestion_waits_for_a_person_and_is_on_no_public_page(client, later, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        done = suggest(client)

    made = Suggestion.objects.get()
    assert done.url == reverse("resources:suggested")
    assert (made.title, made.why, made.decided_at) == ("A good guide", "It helped us.", None)
    assert later == [made.pk]
    assert not client.cookies
    assert "A good guide" not in page(client).content.decode()
    assert "A good guide" not in client.get("/search/?q=good+guide").content.decode().partition("<main")[2].replace(
        "good guide", "", 1
    )


def test_the_same_address_suggested_again_only_counts(client, later):
    suggest(client)
    suggest(client, url="https://www.good.example.org/a/", title="Another name")

    made = Suggestion.objects.get()
    assert (made.title, made.times) == ("A good guide", 2)


def test_the_same_form_sent_twice_counts_once(client, later):
    mark = client.get(reverse("resources:suggest")).context["form"]["once"].initial
    suggest(client, once=mark)
    suggest(client, once=mark)

    assert Suggestion.objects.get().times == 1


def test_whoever_suggests_what_is_listed_is_shown_where(client, later):
    resource = ResourceFactory(url="https://good.example.org/a")

    said = suggest(client, url="http://www.good.example.org/a/").content.decode()

    assert "We list this page already" in said
    assert resource.get_absolute_url() in said
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"url": ""}, "Enter the web address of the page"),
        ({"url": "javascript:alert(1)"}, "Enter a web address in full"),
        ({"url": "ftp://good.example.org/"}, "Enter a web address in full"),
        ({"title": " "}, "Enter what it is called"),
        ({"why": "word " * 61}, "Use 60 words or fewer"),
        ({"once": "forged"}, "Check what you wrote and send it again"),
    ],
)
def test_a_suggestion_that_is_not_whole_says_what_to_do_and_keeps_what_was_typed(client, later, said, words):
    answer = suggest(client, **said)
    text = answer.content.decode().replace("This page was open for a long time. ", "")

    assert answer.status_code == 400
    assert words in text
    assert "https://good.example.org/a" in text or "url" in said
    assert not Suggestion.objects.exists()


def test_what_a_program_fills_in_is_thanked_for_and_thrown_away(client, later):
    assert suggest(client, website="x").url == reverse("resources:suggested")
    assert not Suggestion.objects.exists()


def test_one_place_may_suggest_only_so_often(client, later, monkeypatch):
    monkeypatch.setattr(limits, "SUGGESTIONS_FROM_ONE_PLACE", 1)
    suggest(client)

    answer = suggest(client, url="https://good.example.org/b")

    assert answer.status_code == 429
    assert "https://good.example.org/b" in answer.content.decode()
    assert Suggestion.objects.count() == 1


def test_another_site_cannot_suggest_in_somebodys_name(client, later):
    assert suggest(client, headers={"Origin": "https://evil.example"}).status_code == 403


def test_script_and_odd_characters_are_words_and_nothing_else(client, later):
    suggest(client, title="<script>alert(1)</script> \u202ereversed\u200b'; DROP TABLE x; --")

    assert Suggestion.objects.get().title.startswith("<script>")
