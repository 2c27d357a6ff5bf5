"""Files brought in through the browser: shown row by row first, then taken in exactly as shown, or not at all."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.models import Consultation
from core import retention, tasks, uploads
from core.incoming import IMPORTS
from core.models import ImportedRow, ImportRun, ImportRunRow
from core.tests.files import bring_in, real_row, real_rows, table

pytestmark = pytest.mark.django_db

NEW = "/desk/imports/new/"
GOOD = "lcc-ibstock-community-managed-library"
HELD = "lcc-sexual-health-strategy"


@pytest.fixture
def fis(client):
    """A browser in which somebody from the Family Information Service has signed in."""
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    return client


@pytest.fixture(autouse=True)
def _work_at_once(monkeypatch):
    """The queue's work is done at once, where a worker would do it."""
    monkeypatch.setattr(tasks.check_import, "delay", tasks.check_import)
    monkeypatch.setattr(tasks.apply_import, "delay", tasks.apply_import)


@pytest.fixture
def send(fis, django_capture_on_commit_callbacks):
    """Sends a file of rows, or of any bytes; gives back the page that it leads to."""

    def _send(rows, name="rows.csv", kind="consultations", **said):
        content = rows if isinstance(rows, bytes) else table(rows)
        with django_capture_on_commit_callbacks(execute=True):
            answer = fis.post(NEW, {"kind": kind, "file": SimpleUploadedFile(name, content), **said})
        return fis.get(answer.url) if answer.status_code == 302 else answer

    return _send


@pytest.fixture
def take(fis, django_capture_on_commit_callbacks):
    """Presses the button below what was shown."""

    def _take(run, digest=None):
        with django_capture_on_commit_callbacks(execute=True):
            fis.post(page_of(run), {"digest": run.digest if digest is None else digest})
        return fis.get(page_of(run))

    return _take


def page_of(run):
    """The page about a file."""
    return reverse("consultations:import-run", args=[run.pk])


def text(response):
    """The page as text, its white space folded."""
    return " ".join(response.content.decode().split())


def row(real=GOOD, /, **changes):
    """A real row of consultations, with some cells changed."""
    return real_row("consultations", real, **changes)


def test_what_would_become_of_every_row_is_shown_and_nothing_is_written(send):
    bring_in("consultations", [row(), row(reference="same")])
    changed, wrong = row(title="Another title"), row(reference="bad", closes="soon")

    page = text(send([changed, row(reference="same"), row(reference="new"), row(HELD), wrong]))

    assert [each.verdict for each in ImportRunRow.objects.all()] == [
        "updated", "unchanged", "created", "held", "rejected",
    ]  # fmt: skip
    assert "title: “Ibstock Community Managed Library” becomes “Another title”" in page
    assert "<strong>closes:</strong> needs dates: no dates are printed" in page
    assert "“soon” is not a day like 2021-03-31" in page
    assert "New (1)" in page
    assert Consultation.objects.count() == 2
    assert not Consultation.objects.filter(title="Another title").exists()
    assert ImportedRow.objects.count() == 2


def test_exactly_what_was_shown_is_taken_in_once_under_the_persons_name(send, take, fis):
    send([row(), row(HELD), row(reference="bad", closes="soon")])
    run = ImportRun.objects.get()

    done = text(take(run))
    again = text(take(run))

    assert "The file is brought in" in done
    assert "is brought in already" in again
    record = Consultation.objects.get()
    assert ImportedRow.objects.held().count() == 1
    kept = Consultation.pgh_event_model.objects.get(pgh_obj_id=record.pk)
    assert kept.pgh_context.metadata["by"] == int(fis.session["_auth_user_id"])
    assert kept.pgh_context.metadata["did"] == "imported"


@pytest.mark.parametrize("what", ["mended here", "brought in elsewhere"])
def test_when_something_changed_since_nothing_is_taken_in_and_it_is_shown_again(send, take, what):
    bring_in("consultations", [row()])
    send([row(title="Another title"), row(reference="new")])
    run = ImportRun.objects.get()
    if what == "mended here":
        Consultation.objects.update(title="Mended here")
    else:
        bring_in("consultations", [row(reference="new")])

    page = text(take(run))

    assert "Nothing was brought in: something changed since you looked" in page
    assert "1 row goes another way now" in page
    assert not Consultation.objects.filter(title="Another title").exists()
    run.refresh_from_db()
    assert (run.applied_at, run.asked_at) == (None, None)
    take(run)
    run.refresh_from_db()
    assert run.applied_at


def test_a_page_that_shows_an_older_check_takes_nothing_in(send, take):
    send([row()])

    page = text(take(ImportRun.objects.get(), digest="older"))

    assert "Look at it once more" in page
    assert not Consultation.objects.exists()


def test_another_file_in_its_place_is_not_taken_in(send, take):
    send([row()])
    run = ImportRun.objects.get()
    path = uploads.path_of(IMPORTS, run.stored)
    path.write_bytes(path.read_bytes() + b"\n")

    page = text(take(run))

    assert "The file is not the one that was shown" in page
    assert not Consultation.objects.exists()


def test_a_task_that_runs_twice_takes_nothing_in_twice(send, take):
    send([row()])
    run = ImportRun.objects.get()
    tasks.check_import(run.pk)
    take(run)
    tasks.apply_import(run.pk)
    tasks.check_import(run.pk)
    tasks.check_import(999_999)

    assert Consultation.objects.count() == 1
    assert ImportRunRow.objects.count() == 1


def test_wrong_rows_come_back_with_the_reason_and_without_formulas(send, fis):
    send([row(), row(reference="bad", title="=HYPERLINK(1)", closes="soon")])

    got = fis.get(reverse("consultations:import-rejected", args=[ImportRun.objects.get().pk]))

    sent_back = b"".join(got.streaming_content).decode("utf-8-sig")
    assert got["Content-Disposition"] == 'attachment; filename="rejected.csv"'
    assert "'=HYPERLINK(1)" in sent_back
    assert "closes: “soon” is not a day like 2021-03-31" in sent_back
    assert GOOD not in sent_back


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.csv", b"", "The file is empty"),
        ("rows.csv", b"title,closes\nA,2020-01-01\n", "The file lacks the columns"),
        ("rows.xlsx", b"PK\x03\x04", "one of these kinds: csv"),
        ("rows.csv", b"PK\x03\x04\x00\x00", "what is in it is something else"),
        ("rows.csv", b"<html><script>alert(1)</script>", "what is in it is something else"),
        ("<script>.exe", b"MZ", "one of these kinds: csv"),
        ("rows.csv", "réference".encode("latin-1"), "is not UTF-8 text"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_in_words(send, name, content, words):
    answer = send(content, name)

    assert answer.status_code == 400
    assert words in text(answer)
    assert not ImportRun.objects.exists()


def test_a_file_that_breaks_off_later_says_where(send):
    page = text(send(table([row()]) + "réference".encode("latin-1")))

    assert "The file could not be read" in page
    assert "Line 3 is not UTF-8 text" in page


def test_what_a_hostile_row_says_is_only_text(send):
    page = text(send([row(title="<script>alert(1)</script>", closes="<b>x")], name='"><script>.csv'))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_a_long_file_says_how_far_it_is_without_script(fis, monkeypatch):
    run = ImportRun.objects.create(
        kind="consultations", stored="0" * 40, sha256="0" * 64, read_on="2026-01-01", made_at=timezone.now()
    )
    monkeypatch.setattr("consultations.importing.rows_so_far", lambda run: 3_000)

    page = text(fis.get(page_of(run)))

    assert '<a class="govuk-button govuk-button--secondary" href="">Look again</a>' in page
    assert "3,000 rows so far." in page


def test_a_fault_that_nobody_foresaw_is_said_and_leaves_nothing_behind(send, monkeypatch, take):
    send([row()])
    run = ImportRun.objects.get()
    monkeypatch.setattr("core.incoming.take_in", lambda *args, **options: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        take(run)
    run.refresh_from_db()
    assert "Something went wrong" in run.problem
    assert not run.is_busy


@pytest.mark.parametrize("kind", ["events", "feedback"])
def test_events_and_the_log_come_in_the_same_way(send, kind):
    send(real_rows(kind)[:3], kind=kind)

    assert ImportRun.objects.get().rows.count() == 3


@pytest.mark.parametrize(("role", "status"), [(Role.FIS_MANAGER, 200), (Role.LEAD, 403), (Role.BOARD_VIEWER, 403)])
def test_only_those_who_look_after_the_hub_bring_files_in(client, role, status):
    client.force_login(MembershipFactory(role=role).user)

    assert client.get(NEW).status_code == status


@pytest.mark.parametrize("count", [1, 20])
def test_what_is_shown_takes_the_same_queries_however_long(send, fis, django_assert_num_queries, count):
    send([row(reference=f"row-{number}") for number in range(count)])

    address = page_of(ImportRun.objects.get())

    # the person, their roles; the file, how many rows, the rows; the hub's upkeep
    with django_assert_num_queries(6):
        page = text(fis.get(address))
    assert page.count('<td role="cell" data-label="Line">') == count


def test_files_are_forgotten_after_a_month(send, django_capture_on_commit_callbacks):
    send([row(), row(reference="bad", closes="soon")])
    run = ImportRun.objects.get()
    paths = [uploads.path_of(IMPORTS, name) for name in (run.stored, run.rejected)]

    retention.let_go(timezone.now() + timedelta(days=29), only=["imports"])
    assert all(path.exists() for path in paths)
    with django_capture_on_commit_callbacks(execute=True):
        retention.let_go(timezone.now() + timedelta(days=31), only=["imports"])

    assert not ImportRun.objects.exists()
    assert not any(path.exists() for path in paths)
