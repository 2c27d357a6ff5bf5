"""The page of imported rows that wait for a person."""

import pytest

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.models import Consultation
from core.models import HeldFor, ImportedRow
from core.tests.files import bring_in, real_row, real_rows

pytestmark = pytest.mark.django_db

PAGE = "/desk/imports/"
MONTH_END = "lcc-delivering-wellbeing-and-opportunity-in-leicestershire"
REGISTER = "leicester-self-build-and-custom-build-register"
DUPLICATE = "leicester-youth-service-remodelling-consultation"
TWIN = "leicester-youth-service-remodelling-consultation-closed"
JULY = {"closes_day": "31", "closes_month": "7", "closes_year": "2020"}


def wait(reference, **changes):
    """A real row that waits."""
    bring_in("consultations", [real_row("consultations", reference, **changes)])
    return ImportedRow.objects.held().get(reference=reference)


@pytest.fixture
def fis(client):
    """A browser in which somebody from the Family Information Service has signed in."""
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    return client


def words(response):
    """The page as text."""
    return response.content.decode()


@pytest.mark.parametrize(("role", "status"), [(Role.FIS_MANAGER, 200), (Role.LEAD, 403), (Role.BOARD_VIEWER, 403)])
@pytest.mark.parametrize("which", ["list", "row"])
def test_only_those_who_look_after_the_hub_see_what_waits(client, role, status, which):
    row = wait(MONTH_END)
    client.force_login(MembershipFactory(role=role).user)

    assert client.get(PAGE if which == "list" else f"{PAGE}{row.pk}/").status_code == status


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get(PAGE).url.startswith("/accounts/login/")


def test_each_row_says_why_it_waits_and_what_was_printed(fis):
    wait(MONTH_END)

    page = words(fis.get(PAGE))

    assert "Delivering Wellbeing and Opportunity in Leicestershire" in page
    assert "needs dates" in page
    assert "No exact closing day in “16 December 2019 - July 2020”" in page


def test_the_list_is_narrowed_by_reason_and_says_how_many_wait_for_each(fis):
    wait(MONTH_END)
    wait(REGISTER)

    page = words(fis.get(PAGE, {"reason": HeldFor.NOT_A_CONSULTATION}))

    assert "Self-Build" in page
    assert "Delivering Wellbeing" not in page
    assert "all (2)" in page
    assert "needs dates (1)" in page


@pytest.mark.parametrize("query", [{"reason": "nonsense"}, {"page": "900"}, {"page": "x"}, {"reason": "\x00"}])
def test_an_unknown_reason_or_page_is_no_error(fis, query):
    wait(MONTH_END)

    assert "Delivering Wellbeing" in words(fis.get(PAGE, query))


def test_an_empty_list_speaks(fis):
    assert "No row waits for you" in words(fis.get(PAGE))
    wait(MONTH_END)
    assert "Nothing waits for this reason" in words(fis.get(PAGE, {"reason": HeldFor.CONFLICT}))


def test_a_row_is_shown_as_it_came_with_its_markup_as_text(fis):
    row = wait(MONTH_END, summary="<script>alert(1)</script>", title="Views & <b>more</b>")

    page = words(fis.get(f"{PAGE}{row.pk}/"))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Views &amp; &lt;b&gt;more&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "<b>more" not in page
    assert "Dates as printed" in page
    assert "2019-12-16" in page


def test_a_possible_duplicate_stands_beside_its_twin(fis):
    bring_in("consultations", [real_row("consultations", TWIN)])
    row = wait(DUPLICATE)

    assert "Look beside it: Youth service remodelling consultation (closed)" in words(fis.get(PAGE))
    page = words(fis.get(f"{PAGE}{row.pk}/"))
    assert "The row it may repeat" in page
    assert "Closes in 3 months" in page
    assert "Opened 18 Jan 2017 Closed 12 Apr 2017" in page
    assert f'href="/consultations/{TWIN}/"' in page


def test_a_conflict_stands_beside_what_the_row_said_before(fis):
    library = "lcc-ibstock-community-managed-library"
    bring_in("consultations", [real_row("consultations", library)])
    Consultation.objects.update(title="Mended here")
    row = wait(library, title="Changed there")

    page = words(fis.get(f"{PAGE}{row.pk}/"))

    assert all(each in page for each in ("Mended here", "Changed there", "Ibstock Community Managed Library"))
    assert "Keep what the hub says" in page
    assert 'name="closes_day"' not in page


def test_a_waiting_log_entry_shows_what_people_said(fis):
    bring_in("feedback", [real_row("feedback", "6")])
    row = ImportedRow.objects.get()

    assert "strongly" in words(fis.get(PAGE))
    assert "Links between the carers board" in words(fis.get(f"{PAGE}{row.pk}/"))


def test_with_its_closing_day_a_row_becomes_a_record(fis):
    row = wait(MONTH_END)

    done = fis.post(f"{PAGE}{row.pk}/", JULY, follow=True)

    record = Consultation.objects.published().get()
    assert (record.reference, str(record.closes_on)) == (MONTH_END, "2020-07-31")
    assert "The record is in the hub" in words(done)
    assert "No row waits for you" in words(done)
    history = Consultation.pgh_event_model.objects.get(pgh_obj_id=record.pk)
    assert history.pgh_context.metadata["did"] == "imported"
    assert history.pgh_context.metadata["by"] == int(fis.session["_auth_user_id"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter the closing day"),
        (JULY | {"closes_year": "2040"}, "The closing day must be in the past"),
        (JULY | {"closes_month": "13"}, "Closing day must be a real date"),
        (JULY | {"closes_year": "2018"}, "the closing day is before the opening day"),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_words_and_the_row_waits_on(fis, typed, said):
    row = wait(MONTH_END)

    assert said in words(fis.post(f"{PAGE}{row.pk}/", typed))
    assert not Consultation.objects.exists()
    assert ImportedRow.objects.held().count() == 1


def test_a_duplicate_that_is_none_is_brought_in_and_stays_in_when_the_file_comes_again(fis):
    row = wait(DUPLICATE)

    fis.post(f"{PAGE}{row.pk}/", JULY)

    assert Consultation.objects.get().reference == DUPLICATE
    assert bring_in("consultations", [real_row("consultations", DUPLICATE)]).unchanged == 1
    assert bring_in("consultations", [real_row("consultations", DUPLICATE, summary="New")]).updated == 1


def test_what_is_no_consultation_cannot_be_brought_in_by_any_form(fis):
    row = wait(REGISTER)

    assert fis.post(f"{PAGE}{row.pk}/", JULY).status_code == 403
    assert not Consultation.objects.exists()


def test_a_row_that_does_not_belong_is_left_out_for_good_and_can_be_brought_back(fis):
    row = wait(REGISTER)

    done = fis.post(f"{PAGE}{row.pk}/leave-out/", follow=True)

    assert "It is left out" in words(done)
    assert "No row waits for you" in words(done)
    # The same file again does not ask again; a row that says something else does.
    assert bring_in("consultations", [real_row("consultations", REGISTER)]).unchanged == 1
    assert not ImportedRow.objects.held().exists()
    assert "Self-Build" in words(fis.get(PAGE, {"reason": "left_out"}))
    assert "It was left out on" in words(fis.get(f"{PAGE}{row.pk}/"))
    fis.post(f"{PAGE}{row.pk}/leave-out/", {"again": "1"})
    assert ImportedRow.objects.held().get() == row


def test_a_row_that_was_left_out_waits_again_when_its_source_says_something_else(fis):
    row = wait(REGISTER)
    fis.post(f"{PAGE}{row.pk}/leave-out/")

    assert bring_in("consultations", [real_row("consultations", REGISTER, summary="Another one")]).held == 1
    assert ImportedRow.objects.held().count() == 1


def test_what_was_mended_here_is_kept_by_one_press_and_the_same_row_asks_no_more(fis):
    library = "lcc-ibstock-community-managed-library"
    bring_in("consultations", [real_row("consultations", library)])
    Consultation.objects.update(title="Mended here")
    row = wait(library, title="Changed there")

    fis.post(f"{PAGE}{row.pk}/leave-out/")

    assert bring_in("consultations", [real_row("consultations", library, title="Changed there")]).unchanged == 1
    assert Consultation.objects.get().title == "Mended here"
    assert f'href="/desk/consultations/{Consultation.objects.get().slug}/"' in words(fis.get(f"{PAGE}{row.pk}/"))


def test_a_row_left_out_cannot_be_brought_in_and_none_is_left_out_twice(fis):
    row = wait(MONTH_END)
    fis.post(f"{PAGE}{row.pk}/leave-out/")

    assert fis.post(f"{PAGE}{row.pk}/", JULY).status_code == 403
    assert "does not wait any more" in words(fis.post(f"{PAGE}{row.pk}/leave-out/", follow=True))
    assert not Consultation.objects.exists()


@pytest.mark.parametrize(("role", "status"), [(Role.FIS_EDITOR, 302), (Role.LEAD, 403), (Role.CONTRIBUTOR, 403)])
def test_only_those_who_look_after_the_hub_leave_a_row_out(client, role, status):
    row = wait(MONTH_END)
    client.force_login(MembershipFactory(role=role).user)

    assert client.post(f"{PAGE}{row.pk}/leave-out/").status_code == status


def test_a_form_sent_twice_brings_one_record_in_and_says_so(fis):
    row = wait(MONTH_END)
    fis.post(f"{PAGE}{row.pk}/", JULY)

    again = fis.post(f"{PAGE}{row.pk}/", JULY, follow=True)

    assert "This row does not wait any more." in words(again)
    assert Consultation.objects.count() == 1


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_queries_however_long(fis, django_assert_num_queries, count):
    rows = [row | {"possible_duplicate_of": TWIN} for row in real_rows("consultations")[:count]]
    bring_in("consultations", [real_row("consultations", TWIN), *rows])
    assert ImportedRow.objects.held().count() == count

    # the person, their memberships; the counts, how many, the rows, their twins, the twins' records; the hub's upkeep
    with django_assert_num_queries(8):
        page = words(fis.get(PAGE))
    assert page.count("Look beside it") == count


def test_more_than_a_page_is_turned(fis):
    bring_in("consultations", [row | {"record_kind": "form"} for row in real_rows("consultations")[:25]])

    assert words(fis.get(PAGE)).count("hub-card__title") == 20
    assert words(fis.get(PAGE, {"page": "2"})).count("hub-card__title") == 5
