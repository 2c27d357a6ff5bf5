"""Staff pages of reports: written, previewed, published, put right and taken back, with nothing typed lost."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation, ParticipationLevel
from consultations.stages import REPORT_WITHIN
from consultations.tests.factories import ConsultationFactory, days, worked_out
from core.dates import is_working_day, today
from feedback import actions
from feedback.models import Origin, StandingReport
from feedback.tests.factories import FeedbackEntryFactory, StandingReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel():
    """A standing opportunity whose report is 12 days late."""
    return ConsultationFactory(title="A panel", standing=True, next_report_on=days(-12))


@pytest.fixture
def owner(client, panel):
    """The browser of the person who owes the report."""
    client.force_login(panel.owner.user)
    return client


def address(name, panel, *more):
    """A staff page about the reports of a panel."""
    return reverse(f"feedback:{name}", args=[panel.slug, *more])


def posted(do="publish", next_on=None, **changed) -> dict:
    """The form as a browser posts it."""
    next_on = next_on or days(90)
    return {
        "do": do,
        "you_said": "Groups are all in the morning.",
        "what_changed": "Two groups now meet at 5pm.",
        "took_part": "23",
        "next_on_day": next_on.day,
        "next_on_month": next_on.month,
        "next_on_year": next_on.year,
        "newest": "0",
        **changed,
    }


def boxes(html: str) -> dict[str, str]:
    """What stands in each box of the page's form."""
    texts = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*([^<]*)</textarea>', html)
    lines = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', html)
    return dict([*lines, *texts])


# Who gets in


def test_a_visitor_is_sent_to_sign_in_and_somebody_of_another_service_gets_nowhere(client):
    report = StandingReportFactory()
    panel = report.consultation
    addresses = [address(name, panel) for name in ("report", "report-published")]
    addresses += [address(name, panel, report.pk) for name in ("report-put-right", "report-take-back")]

    for each in [*addresses, reverse("feedback:desk-reports")]:
        assert client.get(each).url.startswith(reverse("account_login"))
    for role in (Role.CONTRIBUTOR, Role.LEAD, Role.BOARD_VIEWER, Role.PARENT_REVIEWER):
        client.force_login(MembershipFactory(role=role).user)
        for each in addresses:
            assert client.get(each).status_code == 403, each
            assert client.post(each, posted()).status_code in (403, 405), each
    assert list(StandingReport.objects.published()) == [report]


def test_a_report_of_another_panel_is_not_found_here(owner, panel):
    other = StandingReportFactory()

    for name in ("report-put-right", "report-take-back"):
        assert owner.get(address(name, panel, other.pk)).status_code == 404
        assert owner.post(address(name, panel, other.pk), posted()).status_code == 404
    assert other.is_published


# Writing


def test_the_first_form_is_empty_but_for_the_day_of_the_next_report(owner, panel):
    html = owner.get(address("report", panel)).content.decode()

    found = boxes(html)
    assert (found["you_said"], found["what_changed"]) == ("", "")
    day = today().replace(
        year=int(found["next_on_year"]), month=int(found["next_on_month"]), day=int(found["next_on_day"])
    )
    assert is_working_day(day)
    assert day <= today() + REPORT_WITHIN
    assert found["newest"] == "0"
    assert "Report is 12 days late" in html
    assert "This is the first report." in html


def test_what_the_log_says_since_the_last_report_stands_in_the_form(owner, panel):
    StandingReportFactory(consultation=panel, reported_on=days(-5), next_on=None)
    facts = {"consultation": panel, "organisation": panel.organisation}
    FeedbackEntryFactory(you_said="Old.", published_at=timezone.now() - timedelta(days=6), **facts)
    FeedbackEntryFactory(you_said="New point.", we_did="A new answer.", **facts)
    FeedbackEntryFactory(
        you_said="Found.", origin=Origin.FOUND, source_url="https://example.org", reference="x", **facts
    )
    FeedbackEntryFactory(you_said="Elsewhere.")

    found = boxes(owner.get(address("report", panel)).content.decode())

    assert (found["you_said"], found["what_changed"]) == ("New point.", "A new answer.")


def test_earlier_reports_stand_below_the_form(owner, panel):
    report = StandingReportFactory(consultation=panel, you_said="The last time.", next_on=None)

    html = owner.get(address("report", panel)).content.decode()

    assert html.index("<form") < html.index("The last time.")
    assert address("report-put-right", panel, report.pk) in html
    assert boxes(html)["newest"] == str(report.pk)


@pytest.mark.parametrize("facts", [{"closes_on": lambda: days(3), "next_report_on": None}, {"draft": True}])
def test_where_there_is_nothing_to_report_the_page_says_why(client, facts):
    panel = ConsultationFactory(standing=True, **worked_out(facts))
    client.force_login(panel.owner.user)

    answer = client.get(address("report", panel))

    assert answer.status_code == 200
    assert "govuk-inset-text" in answer.content.decode()
    assert "<textarea" not in answer.content.decode()
    assert client.post(address("report", panel), posted()).status_code == 400
    assert not StandingReport.objects.exists()


def test_a_panel_that_is_stopped_while_somebody_writes_costs_them_no_words(owner, panel):
    stopped = {"withdrawn_on": today(), "withdrawn_reason": "No money.", "withdrawn_views": "Kept."}
    Consultation.objects.update(**stopped)

    answer = owner.post(address("report", panel), posted())

    html = answer.content.decode()
    assert answer.status_code == 400
    assert "It was stopped, and its page says why. It owes no report." in html
    assert boxes(html)["you_said"] == "Groups are all in the morning."
    assert not StandingReport.objects.exists()


def test_who_promised_no_report_is_not_asked_for_the_day_of_the_next(client):
    panel = ConsultationFactory(standing=True, next_report_on=None, organisation=OrganisationFactory())
    client.force_login(panel.owner.user)
    assert "next_on_day" not in client.get(address("report", panel)).content.decode()

    client.post(address("report", panel), posted())

    assert StandingReport.objects.get().next_on is None
    html = client.get(address("report-published", panel)).content.decode()
    assert "No day is promised for the next report" in html


# Preview


def test_the_preview_shows_what_families_will_see_and_saves_nothing(owner, panel):
    html = owner.post(address("report", panel), posted("preview", you_said="Groups are **early**.")).content.decode()

    assert "What families will see" in html
    assert "Groups are <strong>early</strong>." in html
    assert "23 people or families took part." in html
    assert "The next report comes by" in html
    assert not StandingReport.objects.exists()
    assert Consultation.objects.get().next_report_on == days(-12)


def test_the_preview_carries_everything_on_to_publishing_and_back_to_writing(owner, panel):
    typed = posted("preview", you_said='She said "no" & left.\n\nSecond part.')
    html = owner.post(address("report", panel), typed).content.decode()
    carried = {name: value.replace("&quot;", '"').replace("&amp;", "&") for name, value in boxes(html).items()}

    back = boxes(owner.post(address("report", panel), carried | {"do": "write"}).content.decode())
    assert back["you_said"].replace("&quot;", '"').replace("&amp;", "&") == typed["you_said"]
    assert back["next_on_day"] == str(typed["next_on_day"])
    assert back["took_part"] == "23"
    owner.post(address("report", panel), carried | {"do": "publish"})

    assert StandingReport.objects.get().you_said == typed["you_said"]


@pytest.mark.parametrize("do", ["preview", "publish"])
@pytest.mark.parametrize(
    ("changed", "words", "box"),
    [
        ({"you_said": ""}, "Say what families said", "id_you_said"),
        ({"what_changed": "We rang 3 families."}, "could point at a family", "id_what_changed"),
        ({"took_part": "many"}, "Enter a number, like 318, or “fewer than 5”", "id_took_part"),
        ({"took_part": ""}, "Say how many took part", "id_took_part"),
        ({"next_on_year": ""}, "must include a year", "id_next_on_year"),
        ({"next_on": lambda: days(0)}, "The next report must come on a day still to come", "id_next_on_day"),
        ({"next_on": lambda: days(184)}, "The next report must come within six months", "id_next_on_day"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(owner, panel, do, changed, words, box):
    sent = posted(do, **worked_out(changed))

    answer = owner.post(address("report", panel), sent)

    html = answer.content.decode()
    assert answer.status_code == 400
    assert words in html
    assert f'href="#{box}"' in html
    found = boxes(html)
    for name in ("you_said", "what_changed", "took_part", "next_on_day", "next_on_month", "next_on_year"):
        assert found.get(name, "") == str(sent[name]), name
    assert not StandingReport.objects.exists()


# Publishing


def test_publishing_shows_at_once_and_leads_to_a_page_with_the_way_on(owner, panel):
    answer = owner.post(address("report", panel), posted(), follow=True)

    html = answer.content.decode()
    assert answer.redirect_chain[-1][0] == address("report-published", panel)
    assert "The report is published" in html
    assert panel.get_absolute_url() in html
    assert "Undo: take the report back" in html
    public = owner.get(panel.get_absolute_url()).content.decode()
    assert "Two groups now meet at 5pm." in public
    assert "days late" not in public
    assert "A panel" not in owner.get(reverse("desk")).content.decode()


def test_a_number_from_1_to_4_is_kept_as_fewer_than_5(owner, panel):
    owner.post(address("report", panel), posted(took_part="3"))

    report = StandingReport.objects.get()
    assert (report.took_part, report.took_part_is_few) == (None, True)


def test_sending_it_twice_publishes_it_once(owner, panel):
    for _time in range(2):
        assert owner.post(address("report", panel), posted()).url == address("report-published", panel)

    assert StandingReport.objects.count() == 1


def test_who_writes_while_somebody_else_publishes_sees_both_and_can_add_theirs(owner, panel):
    theirs = StandingReportFactory(consultation=panel, you_said="Their words.", next_on=None)

    answer = owner.post(address("report", panel), posted(you_said="My words."))

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else published a report" in html
    assert "Their words." in html
    assert boxes(html)["you_said"] == "My words."
    assert boxes(html)["newest"] == str(theirs.pk)
    again = owner.post(address("report", panel), posted(**boxes(html) | {"do": "publish"}))
    assert again.status_code == 302
    assert StandingReport.objects.published().count() == 2


def test_the_done_page_leads_to_the_form_when_nothing_is_out(owner, panel):
    assert owner.get(address("report-published", panel)).url == address("report", panel)


# Putting it right


def test_a_report_is_put_right_and_keeps_its_days(owner, panel):
    report = StandingReportFactory(consultation=panel, next_on=None, took_part=None, took_part_is_few=True)
    found = boxes(owner.get(address("report-put-right", panel, report.pk)).content.decode())
    assert (found["you_said"], found["took_part"]) == (report.you_said, "fewer than 5")
    assert "next_on_day" not in found

    answer = owner.post(address("report-put-right", panel, report.pk), found | {"what_changed": "Three groups."})

    assert answer.url == reverse("feedback:desk-reports")
    now = StandingReport.objects.get()
    assert (now.what_changed, now.reported_on, now.next_on) == ("Three groups.", report.reported_on, None)
    assert Consultation.objects.get().next_report_on == days(-12)


def test_a_correction_that_lacks_something_is_refused_beside_its_field(owner, panel):
    report = StandingReportFactory(consultation=panel, next_on=None)
    sent = {"you_said": "", "what_changed": "Kept.", "took_part": "x", "version": "1"}

    answer = owner.post(address("report-put-right", panel, report.pk), sent)
    assert answer.status_code == 400
    assert "Enter a number" in answer.content.decode()
    answer = owner.post(address("report-put-right", panel, report.pk), sent | {"took_part": "9"})

    html = answer.content.decode()
    assert answer.status_code == 400
    assert "Say what families said" in html
    assert boxes(html)["what_changed"] == "Kept."


def test_of_two_who_put_it_right_the_second_sees_the_first_and_may_replace_it(owner, panel):
    report = StandingReportFactory(consultation=panel, next_on=None)
    found = boxes(owner.get(address("report-put-right", panel, report.pk)).content.decode())
    StandingReport.objects.update(you_said="Their words.", version=2)

    answer = owner.post(address("report-put-right", panel, report.pk), found | {"you_said": "My words."})

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Their words." in html
    assert boxes(html)["you_said"] == "My words."
    owner.post(address("report-put-right", panel, report.pk), boxes(html))
    assert StandingReport.objects.get().you_said == "My words."


# Undo


def test_a_report_is_taken_back_with_one_press_and_its_words_are_kept(owner, panel):
    owner.post(address("report", panel), posted())
    report = StandingReport.objects.get()
    html = owner.get(address("report-take-back", panel, report.pk)).content.decode()
    assert "It is owed again by" in html

    for _time in range(2):
        answer = owner.post(address("report-take-back", panel, report.pk))
        assert answer.url == address("report", panel)

    assert not StandingReport.objects.published().exists()
    assert Consultation.objects.get().next_report_on == days(-12)
    found = boxes(owner.get(address("report", panel)).content.decode())
    assert found["you_said"] == report.you_said
    assert (found["took_part"], found["next_on_day"]) == ("23", str(report.next_on.day))


def test_a_report_that_has_been_out_for_long_stays_and_the_page_says_why(owner, panel):
    report = StandingReportFactory(consultation=panel, reported_on=days(-15), next_on=None)

    for answer in (
        owner.get(address("report-take-back", panel, report.pk)),
        owner.post(address("report-take-back", panel, report.pk)),
    ):
        html = answer.content.decode()
        assert "It has been out for more than two weeks." in html
        assert "Take it back</button>" not in html
    assert StandingReport.objects.published().exists()
    assert "take the report back" not in owner.get(address("report-published", panel)).content.decode()


# The list of panels and groups


def test_the_list_shows_what_a_person_may_report_on_the_most_urgent_first(owner, panel):
    ours = {"standing": True, "organisation": panel.organisation, "owner": panel.owner}
    ConsultationFactory(title="Later", **ours)
    tells = ConsultationFactory(title="Tells", level=ParticipationLevel.INFORMATION, next_report_on=None, **ours)
    ConsultationFactory(title="Not theirs", standing=True)
    ConsultationFactory(title="Closes", organisation=panel.organisation)
    StandingReportFactory(consultation=tells, next_on=None)

    answer = owner.get(reverse("feedback:desk-reports"))

    assert [row["consultation"].title for row in answer.context["rows"]] == ["A panel", "Later", "Tells"]
    html = answer.content.decode()
    for words in ("Report is 12 days late", "Next report by", "No report is promised", "Last report:", "No report yet"):
        assert words in html
    assert address("report", panel) in html


def test_the_board_sees_every_panel_and_presses_nothing(client, panel):
    client.force_login(MembershipFactory(role=Role.BOARD_VIEWER).user)

    html = client.get(reverse("feedback:desk-reports")).content.decode()

    assert "A panel" in html
    assert "Write the report" not in html


def test_an_empty_list_says_so(client):
    client.force_login(MembershipFactory().user)

    assert "No panel or group yet" in client.get(reverse("feedback:desk-reports")).content.decode()


def test_a_form_of_an_answer_says_that_what_stays_open_gets_a_report(panel):
    with pytest.raises(Exception, match="Write a report on it instead"):
        actions.refuse_unless_closed(panel, today())


@pytest.mark.parametrize("count", [1, 20])
def test_staff_pages_take_the_same_queries_however_many(client, django_assert_max_num_queries, count):
    member = MembershipFactory()
    for _number in range(count):
        panel = ConsultationFactory(standing=True, organisation=member.organisation, owner=member)
        for number in range(count):
            report = StandingReportFactory(consultation=panel, reported_on=days(-number), next_on=None)
    client.force_login(member.user)

    with django_assert_max_num_queries(8):  # person, memberships, Django's own (2), count, panels, reports, upkeep
        client.get(reverse("feedback:desk-reports"))
    with django_assert_max_num_queries(11):
        client.get(address("report", panel))
    with django_assert_max_num_queries(10):
        client.get(address("report-put-right", panel, report.pk))
