"""Staff pages of the loop: nothing typed is lost, nobody else gets in, and publishing shows at once."""

import re

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation, WayToTakePart
from consultations.stages import TIMELINE, Stage
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.models import Method, Topic
from feedback import actions
from feedback.models import AnswerState, Draft, FeedbackEntry, HoldingNote, Response
from feedback.tests.answers import CHECKS, facts, posted, promise, theme, undecided
from feedback.tests.factories import FeedbackEntryFactory, ResponseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    return ConsultationFactory(late=True, took_part=212)


@pytest.fixture
def owner(client, consultation):
    """The browser of the person who owns the answer."""
    client.force_login(consultation.owner.user)
    return client


def address(name, consultation):
    return reverse(f"feedback:{name}", args=[consultation.slug])


def stage(consultation):
    return TIMELINE.of(Consultation.objects.get(pk=consultation.pk), today())


def value_of(html, name):
    """What stands in the box called `name`."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) or re.search(
        rf'<textarea[^>]*name="{name}"[^>]*>\s*([^<]*)</textarea>', html
    )
    return found[1] if found else None


# Who gets in

ABOUT_A_CONSULTATION = (
    "answer", "answer-preview", "answer-published", "take-back", "holding-note", "elsewhere", "delay-comment", "told",
)  # fmt: skip


def staff_addresses(consultation, entry):
    addresses = [address(name, consultation) for name in ABOUT_A_CONSULTATION]
    return [*addresses, address("answer-put-right", consultation), reverse("feedback:promise", args=[entry.pk])]


@pytest.fixture
def every_address(consultation):
    return staff_addresses(consultation, FeedbackEntryFactory(organisation=consultation.organisation, promised=True))


def test_a_visitor_is_sent_to_sign_in(client, every_address):
    for each in [*every_address, reverse("feedback:entry-add"), reverse("feedback:desk-log")]:
        for answer in (client.get(each), client.post(each)):
            assert answer.status_code == 302, each
            assert answer.url.startswith(reverse("account_login")), each


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.LEAD, Role.BOARD_VIEWER, Role.PARENT_REVIEWER])
def test_somebody_of_another_service_gets_nowhere(client, every_address, role):
    client.force_login(MembershipFactory(role=role).user)

    for each in every_address:
        assert client.get(each).status_code in (403, 404, 405), each
        assert client.post(each).status_code in (403, 404), each
    assert not Draft.objects.exists()


def test_a_parent_reviewer_adds_nothing_to_the_log(client):
    client.force_login(MembershipFactory(role=Role.PARENT_REVIEWER).user)

    assert client.get(reverse("feedback:entry-add")).status_code == 403


def test_an_answer_to_nothing_is_not_found(owner):
    assert owner.get(reverse("feedback:answer", args=["no-such-thing"])).status_code == 404


# Writing


def test_the_form_comes_with_what_the_listing_knows(owner, consultation):
    method = Method.objects.create(key="survey", label="Online survey")
    WayToTakePart.objects.create(consultation=consultation, method=method, description="A survey")

    html = owner.get(address("answer", consultation)).content.decode()

    assert consultation.summary in value_of(html, "we_asked").replace("&#x27;", "'")
    assert value_of(html, "decided_by") == "Cabinet"
    assert value_of(html, "contact_email") == consultation.contact_email
    assert value_of(html, "total") == "212"
    assert value_of(html, "ways-0-method") == "Online survey"


def test_what_is_saved_is_there_again_half_sentences_too(owner, consultation):
    typed = posted(theme(you_said="Half a sent"), in_short="", contact_email="not an address")
    typed["themes-0-done_on_year"] = ""
    owner.post(address("answer", consultation), typed)

    html = owner.get(address("answer", consultation)).content.decode()

    assert value_of(html, "themes-0-you_said") == "Half a sent"
    assert value_of(html, "contact_email") == "not an address"
    assert value_of(html, "themes-0-done_on_day") == str(days(-9).day)
    assert stage(consultation) == Stage.LATE


def test_another_point_keeps_everything_typed(owner, consultation):
    answer = owner.post(address("answer", consultation), posted(theme(), do="add-theme"))

    assert answer.url.endswith("#themes-1")
    html = owner.get(address("answer", consultation)).content.decode()
    assert value_of(html, "themes-0-theme") == "Waiting times"
    assert value_of(html, "themes-rows") == "2"


def test_an_answer_takes_thirty_points_and_loses_none(owner, consultation):
    thirty = [theme(theme=f"Point {number}") for number in range(30)]
    owner.post(address("answer", consultation), posted(*thirty, do="add-theme"))

    html = owner.get(address("answer", consultation)).content.decode()

    assert value_of(html, "themes-rows") == "30"
    assert value_of(html, "themes-29-theme") == "Point 29"
    assert "One answer takes up to 30 of these." in html


def test_a_point_can_be_taken_away(owner, consultation):
    owner.post(address("answer", consultation), posted(theme(), promise(), do="remove-0"))

    html = owner.get(address("answer", consultation)).content.decode()
    assert value_of(html, "themes-0-theme") == "One phone number"
    assert value_of(html, "themes-rows") == "1"


def test_a_short_answer_asks_less_and_keeps_what_was_typed(owner, consultation):
    owner.post(address("answer", consultation), posted(theme(), do="short"))

    html = owner.get(address("answer", consultation)).content.decode()
    assert "Write a short answer" in html
    assert value_of(html, "what_next") is None
    assert value_of(html, "themes-0-theme") == "Waiting times"


@pytest.mark.parametrize(
    "broken",
    [
        {"themes-rows": "many"},
        {"themes-rows": "999"},
        {"themes-rows": "٣"},
        {"version": "x"},
        {"do": "remove-99"},
        {"who": "a\x00b", "themes-0-due_on_day": "\x00"},
        {"do": "delete everything"},
        {"kind": "elsewhere"},
        {"themes-0-id": "12; drop"},
        {"themes-0-answer": "maybe"},
    ],
)
def test_a_form_that_no_browser_sends_breaks_nothing(owner, consultation, broken):
    assert owner.post(address("answer", consultation), posted(theme()) | broken).status_code == 302
    assert owner.get(address("answer", consultation)).status_code == 200
    assert owner.get(address("answer-preview", consultation)).status_code == 200


def test_what_is_lacking_is_said_beside_its_field(owner, consultation):
    owner.post(address("answer", consultation), posted(promise(due_on=None), who="", contact_email="x"))
    owner.post(address("answer", consultation), posted(promise(due_on=None), who="", version=1))

    html = owner.get(address("answer", consultation), {"check": 1}).content.decode()

    assert "There is a problem" in html
    assert 'href="#id_who"' in html
    assert 'href="#id_themes-0-due_on_day"' in html
    assert "Say by when: “One phone number”" in html


# Two people at once


def test_the_second_of_two_people_sees_the_words_of_the_first_and_keeps_their_own(owner, consultation):
    colleague = MembershipFactory(organisation=consultation.organisation)
    owner.post(address("answer", consultation), posted(theme(), who="Words of the first"))
    owner.force_login(colleague.user)

    answer = owner.post(address("answer", consultation), posted(theme(), who="Words of the second"))

    html = answer.content.decode()
    assert answer.status_code == 409
    assert f"{consultation.owner.user.name} saved this answer after you opened it." in html
    assert "Words of the first" in html
    assert value_of(html, "who") == "Words of the second"
    assert Draft.objects.get().typed["facts"]["who"] == "Words of the first"

    owner.post(
        address("answer", consultation), posted(theme(), who="Words of the second", version=value_of(html, "version"))
    )
    assert Draft.objects.get().typed["facts"]["who"] == "Words of the second"


def test_a_form_sent_after_the_answer_was_published_says_so_and_keeps_the_text(owner, consultation):
    actions.publish_response(consultation, by=consultation.owner.user, on=today(), facts=facts(), themes=[theme()])

    answer = owner.post(address("answer", consultation), posted(theme(), who="Late words"))

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody published the answer while you were writing." in html
    assert value_of(html, "who") == "Late words"
    assert Response.objects.get().who == facts()["who"]


# Saving by script


def test_saving_by_script_says_when_it_saved(owner, consultation):
    answer = owner.post(address("answer", consultation), posted(theme()), headers={"Accept": "application/json"})

    assert answer.json()["version"] == 1
    assert answer.json()["words"].startswith("Saved at")


def test_saving_by_script_never_overwrites_somebody_else(owner, consultation):
    owner.post(address("answer", consultation), posted(theme(), who="First"))

    answer = owner.post(
        address("answer", consultation), posted(theme(), who="Second"), headers={"Accept": "application/json"}
    )

    assert answer.status_code == 409
    assert Draft.objects.get().typed["facts"]["who"] == "First"


# Preview and publishing


def save_and_preview(client, consultation, *themes, **changed):
    answer = client.post(address("answer", consultation), posted(*themes, do="preview", **changed))
    assert answer.url == address("answer-preview", consultation)
    return client.get(answer.url).content.decode()


def publish(client, consultation, *themes, **changed):
    html = save_and_preview(client, consultation, *themes, **changed)
    return client.post(address("answer-preview", consultation), CHECKS | {"version": value_of(html, "version")})


def test_the_preview_shows_what_families_will_see_and_publishes_nothing(owner, consultation):
    html = save_and_preview(owner, consultation, theme(), promise())

    assert "Answered: 2 of 2 points" in html
    assert "Every letter says your place." in html
    assert "Publish the answer" in html
    assert not FeedbackEntry.objects.exists()
    assert stage(consultation) == Stage.LATE


def test_an_incomplete_preview_has_no_button_to_publish(owner, consultation):
    html = save_and_preview(owner, consultation, promise(due_on=None))

    assert "Before you can publish" in html
    assert "Publish the answer" not in html


def test_an_incomplete_answer_is_refused_even_without_the_button(owner, consultation):
    save_and_preview(owner, consultation, promise(due_on=None))

    owner.post(address("answer-preview", consultation), CHECKS | {"version": 1})

    assert stage(consultation) == Stage.LATE


def test_only_undecided_points_are_offered_as_heard_so_far(owner, consultation):
    html = save_and_preview(owner, consultation, undecided())

    assert f"{address('holding-note', consultation)}?heard=1" in html
    note = owner.get(address("holding-note", consultation), {"heard": 1}).content.decode()
    assert value_of(note, "heard_so_far") == theme()["you_said"]


@pytest.mark.parametrize("unticked", CHECKS)
def test_publishing_waits_for_every_check(owner, consultation, unticked):
    html = save_and_preview(owner, consultation, theme())
    ticked = {name: value for name, value in CHECKS.items() if name != unticked}

    answer = owner.post(address("answer-preview", consultation), ticked | {"version": value_of(html, "version")})

    assert answer.status_code == 400
    assert stage(consultation) == Stage.LATE


def test_a_published_answer_is_visible_everywhere_at_once(owner, client, consultation):
    answer = publish(owner, consultation, theme(), promise())

    done = owner.get(answer.url).content.decode()
    assert consultation.get_absolute_url() in done
    assert address("take-back", consultation) in done
    owner.logout()
    assert "Answered: 2 of 2 points" in client.get(consultation.get_absolute_url()).content.decode()
    assert "One phone number" in client.get(reverse("feedback:log")).content.decode()
    assert "One phone number" in client.get(reverse("feedback:log-feed")).content.decode()


def test_pressing_publish_twice_publishes_once(owner, consultation):
    publish(owner, consultation, theme())

    answer = owner.post(address("answer-preview", consultation), CHECKS | {"version": 1})

    assert answer.url == address("answer-published", consultation)
    assert FeedbackEntry.objects.count() == 1


def test_a_draft_that_changed_after_the_preview_is_read_again_first(owner, consultation):
    save_and_preview(owner, consultation, theme())
    owner.post(address("answer", consultation), posted(theme(), who="Changed meanwhile", version=1))

    answer = owner.post(address("answer-preview", consultation), CHECKS | {"version": 1})

    assert answer.url == address("answer-preview", consultation)
    assert stage(consultation) == Stage.LATE


def test_an_open_consultation_can_be_answered_in_draft_only(owner, client):
    consultation = ConsultationFactory(open=True)
    client.force_login(consultation.owner.user)

    html = save_and_preview(client, consultation, theme())

    assert "Families can take part until" in html
    assert "Publish the answer" not in html


def test_small_numbers_typed_by_a_writer_never_reach_families(owner, consultation):
    publish(owner, consultation, theme(), total=3)

    response = Response.objects.get()
    assert (response.total, response.total_is_few) == (None, True)
    assert "Fewer than 5" in owner.get(consultation.get_absolute_url()).content.decode()


def test_undo_takes_the_answer_off_every_page_and_keeps_the_words(owner, consultation):
    publish(owner, consultation, theme())

    assert "Take it back" in owner.get(address("take-back", consultation)).content.decode()
    assert stage(consultation) == Stage.RESPONDED  # looking does not undo
    owner.post(address("take-back", consultation))

    assert stage(consultation) == Stage.LATE
    assert "Waiting times" not in owner.get(reverse("feedback:log")).content.decode()
    assert value_of(owner.get(address("answer", consultation)).content.decode(), "themes-0-theme") == "Waiting times"


def test_a_published_answer_can_be_put_right(owner, consultation):
    publish(owner, consultation, theme())
    entry = FeedbackEntry.objects.get()
    Consultation.objects.update(responded_on=days(-5))
    assert "This is answered" in owner.get(address("answer", consultation)).content.decode()

    owner.post(address("answer-put-right", consultation))
    html = owner.get(address("answer", consultation)).content.decode()
    assert "Put the answer right" in html
    mended = posted(theme(theme="Waiting", id=value_of(html, "themes-0-id")), version=1) | {"correcting": "1"}
    owner.post(address("answer", consultation), mended)
    owner.post(address("answer-preview", consultation), CHECKS | {"version": 2})

    entry.refresh_from_db()
    assert entry.theme == "Waiting"
    assert Consultation.objects.get().responded_on == days(-5)
    assert not Draft.objects.exists()


# The other ways


def test_already_answered_elsewhere_closes_the_loop(owner, consultation):
    day = days(-60)
    said = {
        "url": "https://example.org/answer",
        "answered_on_day": day.day,
        "answered_on_month": day.month,
        "answered_on_year": day.year,
        "in_short": "You asked for one number. It opens in May.",
    }

    answer = owner.post(address("elsewhere", consultation), said)

    assert answer.url == address("answer-published", consultation)
    assert Consultation.objects.get().responded_on == day
    assert "https://example.org/answer" in owner.get(consultation.get_absolute_url()).content.decode()


def test_an_answer_elsewhere_without_its_day_says_what_is_lacking(owner, consultation):
    html = owner.post(address("elsewhere", consultation), {"in_short": "Short."}).content.decode()

    assert "Enter the link to the answer" in html
    assert "Enter the day the answer was published" in html
    assert value_of(html, "in_short") == "Short."


def test_a_holding_note_shows_in_the_late_box(owner, consultation):
    day = days(14)
    said = {"reason": "The meeting moved.", "contact": "Lead", "new_date_day": day.day, "new_date_month": day.month}
    owner.post(address("holding-note", consultation), said | {"new_date_year": day.year})

    assert HoldingNote.objects.published().count() == 1
    assert "The meeting moved." in owner.get(consultation.get_absolute_url()).content.decode()


def test_the_third_holding_note_asks_for_the_lead(owner, consultation):
    for number in range(2):
        actions.publish_holding_note(
            consultation,
            by=consultation.owner.user,
            on=today(),
            reason=f"Reason {number}.",
            new_date=days(9),
            contact="x",
        )

    assert "must come from the lead" in owner.get(address("holding-note", consultation)).content.decode()
    day = days(14)
    said = {"reason": "Third.", "contact": "Lead", "new_date_day": day.day, "new_date_month": day.month}
    assert owner.post(address("holding-note", consultation), said | {"new_date_year": day.year}).status_code == 403


def test_the_service_can_comment_on_the_delay(owner, consultation):
    owner.post(address("delay-comment", consultation), {"comment": "We are short of staff."})

    assert "We are short of staff." in owner.get(consultation.get_absolute_url()).content.decode()


# Promises and the log


def test_a_promise_is_kept_in_one_form(client):
    entry = FeedbackEntryFactory(overdue=True)
    member = MembershipFactory(organisation=entry.organisation)
    client.force_login(member.user)
    form = client.get(reverse("feedback:promise", args=[entry.pk])).content.decode()
    assert "9 days past its date" in form
    day = today()
    said = {"answer": "done", "we_did": "Done.", "what_changed": "One number.", "version": value_of(form, "version")}
    said |= {"done_on_day": day.day, "done_on_month": day.month, "done_on_year": day.year}

    assert client.post(reverse("feedback:promise", args=[entry.pk]), said).status_code == 302

    entry.refresh_from_db()
    assert entry.answer == AnswerState.DONE
    assert "past its date" not in client.get(entry.get_absolute_url()).content.decode()
    # The same form sent again changes nothing.
    assert client.post(reverse("feedback:promise", args=[entry.pk]), said).status_code == 302


def test_two_updates_of_a_promise_at_once_lose_nothing(client):
    entry = FeedbackEntryFactory(promised=True)
    client.force_login(MembershipFactory(organisation=entry.organisation).user)
    FeedbackEntry.objects.update(version=7, we_did="Words of the first.")
    said = {"answer": "cannot", "we_did": "Words of the second.", "version": 1}

    answer = client.post(reverse("feedback:promise", args=[entry.pk]), said)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Words of the first." in html
    assert value_of(html, "we_did") == "Words of the second."
    assert client.post(reverse("feedback:promise", args=[entry.pk]), said | {"version": 7}).status_code == 302


def test_an_incomplete_update_says_what_is_lacking(client):
    entry = FeedbackEntryFactory(overdue=True)
    client.force_login(MembershipFactory(organisation=entry.organisation).user)

    answer = client.post(reverse("feedback:promise", args=[entry.pk]), {"answer": "done", "version": entry.version})

    assert answer.status_code == 400
    assert "Say what is different now" in answer.content.decode()


def entry_posted(client, organisation, topic):
    mark = value_of(client.get(reverse("feedback:entry-add")).content.decode(), "once")
    day = days(-10)
    data = {"organisation": organisation.pk, "topics": [topic.pk], "heard_from": "forum", "once": mark}
    data |= {f"heard_on_{part}": getattr(day, part) for part in ("day", "month", "year")}
    said = {name: value for name, value in theme().items() if not name.endswith("_on")}
    return data | said | {f"done_on_{part}": getattr(day, part) for part in ("day", "month", "year")}


def test_what_was_said_at_a_forum_goes_into_the_log(client):
    member = MembershipFactory()
    topic = Topic.objects.create(key="send", label="SEND")
    client.force_login(member.user)

    answer = client.post(reverse("feedback:entry-add"), entry_posted(client, member.organisation, topic))

    entry = FeedbackEntry.objects.get()
    assert answer.url == entry.get_absolute_url()
    assert list(entry.topics.all()) == [topic]
    assert "Waiting times" in client.get(reverse("feedback:log"), {"topic": "send"}).content.decode()


def test_an_entry_sent_twice_is_one_entry(client):
    member = MembershipFactory()
    client.force_login(member.user)
    said = entry_posted(client, member.organisation, Topic.objects.create(key="send", label="SEND"))
    # A first try that was refused does not use the form up.
    assert client.post(reverse("feedback:entry-add"), said | {"what_changed": ""}).status_code == 400

    for _time in range(2):
        assert client.post(reverse("feedback:entry-add"), said).status_code == 302

    assert FeedbackEntry.objects.count() == 1


def test_nobody_adds_an_entry_for_another_service(client):
    client.force_login(MembershipFactory().user)
    topic = Topic.objects.create(key="send", label="SEND")

    answer = client.post(reverse("feedback:entry-add"), entry_posted(client, OrganisationFactory(), topic))

    assert answer.status_code == 400
    assert not FeedbackEntry.objects.exists()


def test_the_desk_lists_what_one_s_own_services_told_families(client):
    member = MembershipFactory()
    FeedbackEntryFactory(theme="Ours", organisation=member.organisation)
    FeedbackEntryFactory(theme="Theirs")
    client.force_login(member.user)

    html = client.get(reverse("feedback:desk-log")).content.decode()

    assert "Ours" in html
    assert "Theirs" not in html


@pytest.mark.parametrize(("role", "may"), [(Role.BOARD_VIEWER, False), (Role.FIS_EDITOR, True)])
def test_whoever_sees_everything_and_writes_nothing_is_led_to_no_form(client, role, may):
    entry = FeedbackEntryFactory(overdue=True)
    client.force_login(MembershipFactory(role=role).user)

    desk = client.get(reverse("desk")).content.decode()
    log = client.get(reverse("feedback:desk-log")).content.decode()

    assert str(entry) in log
    assert (reverse("feedback:entry-add") in desk) == may
    assert (reverse("feedback:entry-add") in log) == may
    assert (reverse("feedback:promise", args=[entry.pk]) in log) == may


# Few queries


def test_the_page_of_the_answer_takes_few_queries_however_many_points(
    owner, consultation, django_assert_max_num_queries
):
    owner.post(address("answer", consultation), posted(*[theme(theme=f"Point {n}") for n in range(20)]))

    with django_assert_max_num_queries(12):
        owner.get(address("answer", consultation))


def test_the_page_of_a_published_answer_takes_few_queries(owner, django_assert_max_num_queries):
    consultation = ResponseFactory().consultation
    owner.force_login(consultation.owner.user)

    with django_assert_max_num_queries(12):
        owner.get(address("answer-published", consultation))


# How many families were told


@pytest.fixture
def answered(client):
    """A published answer, and the browser of its owner."""
    response = ResponseFactory()
    client.force_login(response.consultation.owner.user)
    return response


def test_how_many_families_were_told_is_kept_and_can_be_changed(client, answered):
    page = address("told", answered.consultation)
    published = address("answer-published", answered.consultation)
    assert "Say how many families you told" in client.get(published).content.decode()

    assert client.post(page, {"told": "180"}).url == published
    assert "You told 180 families." in client.get(published).content.decode()
    assert value_of(client.get(page).content.decode(), "told") == "180"

    client.post(page, {"told": "0"})
    answered.refresh_from_db()
    assert answered.told == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter how many families you told"),
        ("-1", "Enter 0 or more"),
        ("a lot", "must be a number"),
        ("99999999999", "a million or fewer"),
    ],
)
def test_what_is_no_number_of_families_is_refused_and_kept(client, answered, typed, words):
    page = client.post(address("told", answered.consultation), {"told": typed})

    assert page.status_code == 400
    assert words in page.content.decode()
    assert value_of(page.content.decode(), "told") in (typed, None)


def test_nobody_can_have_been_told_of_an_answer_that_is_not_out(owner, consultation):
    page = address("told", consultation)

    assert owner.get(page).url == address("answer", consultation)
    assert "Publish the answer first" in owner.post(page, {"told": "9"}).content.decode()
