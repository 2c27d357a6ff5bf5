"""Toolkits and links at the desk: written, checked, taken off, thrown away and brought back; suggestions."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from core import links
from core.dates import today
from core.models import Topic
from core.queues import owed_by
from core.tests.serving import serving
from practice.resources import actions
from practice.resources.models import Resource, Suggestion, Votes
from practice.resources.tests.factories import HelpsWithFactory, ResourceFactory, SuggestionFactory, link_of
from practice.tasks import try_suggestion

pytestmark = pytest.mark.django_db

SAID = {
    "title": "A guide to panels", "url": "https://panels.example.org/", "publisher": "A charity",
    "summary": "How to run a panel.", "kind": "guidance", "audiences": ["parents"], "language": "English",
    "format": "", "cost": "free", "dated": "2024",
}  # fmt: skip


@pytest.fixture
def fis(client):
    """A browser in which somebody from the Family Information Service has signed in."""
    client.fis = MembershipFactory(role=Role.FIS_EDITOR).user
    client.force_login(client.fis)
    return client


@pytest.fixture
def contributor(client):
    """Somebody who writes for a service."""
    membership = MembershipFactory(role=Role.CONTRIBUTOR)
    client.force_login(membership.user)
    client.body = membership.organisation
    return client


def send(client, name, resource=None, follow=True, **said):
    """Send the form of a page."""
    return client.post(reverse(f"resources:{name}", args=[resource.slug] if resource else []), said, follow=follow)


# --- Writing


def test_the_service_of_the_hub_adds_one_and_families_see_it(fis):
    helps = HelpsWithFactory()

    answer = send(fis, "add", **SAID, helps_with=[helps.pk], further="1")

    resource = Resource.objects.get()
    assert "Families see it" in answer.content.decode()
    assert resource.is_published
    assert (resource.slug, resource.reference) == ("a-guide-to-panels", "panels.example.org")
    assert [*resource.helps_with.all()] == [helps]
    assert resource.review_by == today() + timedelta(days=365)


def test_what_is_missing_is_said_and_nothing_is_kept_half(fis):
    answer = send(fis, "add", **SAID | {"audiences": [], "summary": ""}, further="1")

    assert answer.status_code == 400
    said = answer.content.decode()
    assert "Say what it is" in said
    assert "Say who it is for" in said
    assert "A guide to panels" in said
    assert not Resource.objects.exists()


def test_a_draft_may_be_unfinished(fis):
    send(fis, "add", **SAID | {"audiences": [], "summary": ""})

    assert not Resource.objects.get().is_published


def test_an_address_is_listed_once(fis):
    ResourceFactory(title="Panels", url="http://www.panels.example.org")

    answer = send(fis, "add", **SAID, further="1")

    assert "This address is listed already: Panels" in answer.content.decode()


def test_nobody_overwrites_anybody(fis):
    resource = ResourceFactory(draft=True)
    shown = fis.get(reverse("resources:edit", args=[resource.slug])).context["form"]["version"].value()
    actions.save_resource(resource, by=fis.fis, on=today(), facts={"title": "Changed meanwhile"})

    answer = send(fis, "edit", resource, **SAID, version=shown)

    assert "Somebody else changed it while you typed" in answer.content.decode()
    assert Resource.objects.get().title == "Changed meanwhile"


def test_whoever_changes_it_has_looked_at_it(fis):
    resource = ResourceFactory(review_by=today() - timedelta(days=1))

    send(fis, "edit", resource, **SAID, version=resource.version)

    assert Resource.objects.get().checked_on == today()


# --- Checked


def test_what_a_service_puts_forward_is_checked_before_families_see_it(contributor):
    answer = send(contributor, "add", **SAID, organisation=contributor.body.pk, further="1")

    resource = Resource.objects.get()
    assert "sent to be checked" in answer.content.decode()
    assert not resource.is_published
    assert resource.submitted_at
    fis = MembershipFactory(role=Role.FIS_EDITOR).user
    (owed,) = [each for each in owed_by(fis, today(), everyone=True) if each.kind == "checks"]
    assert owed.words == "1 waits"

    contributor.force_login(fis)
    listed = contributor.get(owed.button_url).content.decode()
    assert "A guide to panels" in listed
    assert "New toolkit or link" in listed
    assert reverse("resources:desk-resource", args=[resource.slug]) in listed
    send(contributor, "publish", resource)
    assert Resource.objects.get().is_published
    fis = type(fis).objects.get(pk=fis.pk)
    assert not [each for each in owed_by(fis, today(), everyone=True) if each.kind == "checks"]


def test_one_that_is_sent_back_says_what_to_change_and_can_be_sent_again(contributor):
    resource = ResourceFactory(sent=True, organisation=contributor.body)
    fis = MembershipFactory(role=Role.FIS_EDITOR).user
    with pytest.raises(ValidationError, match="Say what to change"):
        actions.send_back(resource, by=fis, reason=" ", now=timezone.now())
    actions.send_back(resource, by=fis, reason="Say what it costs.", now=timezone.now())

    page = contributor.get(reverse("resources:desk-resource", args=[resource.slug])).content.decode()
    assert "Say what it costs." in page
    send(contributor, "send", resource)

    resource.refresh_from_db()
    assert resource.submitted_at
    assert not resource.returned_at


def test_a_service_sees_its_own_on_the_desk_and_no_others(contributor):
    ResourceFactory(title="Ours", organisation=contributor.body)
    ResourceFactory(title="Theirs", draft=True)

    listed = contributor.get(reverse("resources:desk-resources")).content.decode()

    assert "Ours" in listed
    assert "Theirs" not in listed


# --- Off, away, and back


def test_it_is_taken_off_and_shown_again(fis):
    resource = ResourceFactory(title="Guide")

    send(fis, "archive", resource)
    assert Resource.objects.published().count() == 0
    send(fis, "publish", resource)

    assert Resource.objects.published().count() == 1


def test_it_is_thrown_away_and_can_be_brought_back_for_thirty_days(fis):
    resource = ResourceFactory(title="Guide")

    page = send(fis, "throw-away", resource).content.decode()
    assert "Bring it back" in page
    assert fis.get(resource.get_absolute_url()).status_code == 404
    assert "Guide" in fis.get(reverse("resources:desk-resources") + "?show=bin").content.decode()
    send(fis, "bring-back", resource)
    assert Resource.objects.published().get() == resource

    actions.throw_away(resource, by=fis.fis, now=timezone.now() - timedelta(days=31))
    assert "more than 30 days ago" in send(fis, "bring-back", resource).content.decode()
    assert "Guide" not in fis.get(reverse("resources:desk-resources") + "?show=bin").content.decode()


def test_one_whose_address_was_listed_anew_stays_in_the_bin(fis):
    resource = ResourceFactory(url="https://a.example.org/")
    actions.throw_away(resource, by=fis.fis, now=timezone.now())
    ResourceFactory(url="https://a.example.org/")

    assert "This address is listed already" in send(fis, "bring-back", resource).content.decode()


def test_what_was_done_stands_in_sentences_and_can_be_put_back(fis):
    resource = ResourceFactory(title="Old title")
    actions.save_resource(resource, by=fis.fis, on=today(), facts={"title": "New title"})
    address = reverse("resources:history", args=[resource.slug])

    said = fis.get(address).content.decode()
    assert "Title: from Old title to New title" in said
    assert "changed the toolkit or link" in said
    number = Resource.pgh_event_model.objects.filter(pgh_obj_id=resource.pk).latest("pgh_id").pgh_id
    put_back = reverse("resources:put-back", args=[resource.slug, number]) + "?field=title"
    fis.post(put_back, {"version": Resource.objects.get().version})

    assert Resource.objects.get().title == "Old title"


@pytest.mark.django_db(transaction=True)
def test_its_topics_are_put_back(fis):
    resource = ResourceFactory()
    topic = Topic.objects.create(key="swings", label="Swings")
    for topics in ([topic], []):
        actions.save_resource(resource, by=None, on=today(), facts={}, lists={"topics": topics})
    number = Resource.pgh_event_model.objects.filter(pgh_obj_id=resource.pk).latest("pgh_id").pgh_id

    put_back = reverse("resources:put-back", args=[resource.slug, number]) + "?field=topics"
    shown = fis.get(put_back).content.decode()
    fis.post(put_back, {"version": Resource.objects.get().version})

    assert "Topics: added Swings" in shown
    assert list(resource.topics.all()) == [topic]


# --- Broken, and old


def test_a_broken_link_is_in_the_queue_of_broken_links_for_whoever_can_mend_it(fis):
    resource = ResourceFactory(title="Broken guide")
    link_of(resource, works=False)
    links.note_what_is_shown()

    queue = fis.get(reverse("broken-links")).content.decode()
    listed = fis.get(reverse("resources:desk-resources") + "?show=broken").content.decode()

    assert "Broken guide" in queue
    assert reverse("resources:edit", args=[resource.slug]) in queue
    assert "Hidden from families: the link does not work" in listed


def test_a_mended_address_shows_it_again(fis, client):
    resource = ResourceFactory()
    link_of(resource, works=False)

    send(fis, "edit", resource, **SAID, version=resource.version)

    assert [*Resource.objects.published().working()] == [resource]


def test_what_nobody_has_looked_at_for_a_year_waits_and_is_said_to_be_right(fis):
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        resource = ResourceFactory()
        actions.publish_resource(resource, by=fis.fis, on=today())

    (owed,) = [each for each in owed_by(fis.fis, today(), everyone=True) if each.kind == "resources"]
    assert owed.words == "1 to look at"
    assert resource.title in fis.get(owed.button_url).content.decode()
    fis.post(reverse("accounts:still-right", args=["resource", resource.pk]))

    assert not [each for each in owed_by(fis.fis, today(), everyone=True) if each.kind == "resources"]


def test_staff_read_both_answers_of_each(fis):
    resource = ResourceFactory()
    Votes.objects.create(resource=resource, useful=3, not_useful=1)

    assert "Useful: 3 yes, 1 no" in fis.get(reverse("resources:desk-resources")).content.decode()
    table = b"".join(fis.get(reverse("resources:desk-csv")).streaming_content).decode()
    assert ",3,1" in table


# --- What people suggest


def decide(client, name, suggestion, **said):
    """Send one of the forms of a suggestion."""
    return client.post(reverse(f"resources:{name}", args=[suggestion.pk]), said, follow=True)


def test_a_suggestion_becomes_a_toolkit_with_its_words_filled_in(fis):
    suggestion = SuggestionFactory(title="Panels", url="https://panels.example.org/", why="It helped us.")
    filled = fis.get(reverse("resources:accept", args=[suggestion.pk])).context["form"]
    assert (filled["title"].value(), filled["summary"].value()) == ("Panels", "It helped us.")

    decide(fis, "accept", suggestion, **SAID, further="1")

    suggestion.refresh_from_db()
    assert suggestion.resource == Resource.objects.published().get()
    assert suggestion.why == ""
    assert suggestion.decided_by == fis.fis


def test_a_declined_suggestion_loses_its_words_keeps_the_reason_and_can_be_taken_up_again(fis):
    suggestion = SuggestionFactory()
    assert "Why not?" in decide(fis, "decline", suggestion, reason="").content.decode()

    decide(fis, "decline", suggestion, reason="It costs money.")
    decided = fis.get(reverse("resources:suggestions") + "?show=decided").content.decode()
    assert "It costs money." in decided
    assert Suggestion.objects.get().why == ""
    decide(fis, "take-up-again", suggestion)

    assert Suggestion.objects.waiting().count() == 1


def test_two_people_cannot_decide_one_suggestion(fis):
    suggestion = SuggestionFactory()
    actions.decline(suggestion, by=fis.fis, reason="No.", now=timezone.now())

    answer = decide(fis, "accept", suggestion, **SAID, further="1")

    assert "Somebody else has decided this a moment ago" in answer.content.decode()
    assert not Resource.objects.exists()


def test_whether_a_suggested_page_opens_is_found_out_by_the_safe_fetcher(fis, settings):
    settings.HUB_FETCH_LOOPBACK = True
    with serving() as site:
        there = SuggestionFactory(url=site.page("/there"))
        gone = SuggestionFactory(url=site.page("/gone", code=404))
        for each in (there, gone):
            try_suggestion(each.pk)
    settings.HUB_FETCH_LOOPBACK = False
    private = SuggestionFactory(url="http://127.0.0.1/admin")
    try_suggestion(private.pk)

    said = fis.get(reverse("resources:suggestions")).content.decode()

    assert "The page is there" in said
    assert "The page is gone" in said
    assert "not on the public internet" in said
    assert [each.code for each in Suggestion.objects.order_by("pk")] == [200, 404, None]


def test_suggestions_are_a_chore_until_they_are_decided(fis):
    SuggestionFactory.create_batch(2)

    (owed,) = [each for each in owed_by(fis.fis, today(), everyone=True) if each.kind == "resources"]

    assert owed.words == "2 wait"
    assert fis.get(owed.button_url).status_code == 200


def test_what_is_listed_already_is_marked_in_the_queue(fis):
    ResourceFactory(title="Known guide", url="https://known.example.org/")
    SuggestionFactory(url="https://known.example.org", reference="known.example.org")

    assert "Listed already:" in fis.get(reverse("resources:suggestions")).content.decode()
