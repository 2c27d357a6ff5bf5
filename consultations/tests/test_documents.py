"""Papers of a consultation: who adds them, who gets them, and that a download is never more than a download."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from accounts.tests.people import People
from consultations.actions import DOCUMENTS, add_document, share_preview
from consultations.models import Document
from consultations.tests.around import document, kept_document, term
from consultations.tests.factories import ConsultationFactory
from consultations.writing.models import Check
from core.dates import today
from core.models import Format
from core.previews import address_of
from core.uploads import path_of

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture
def fis(client):
    """A browser in which somebody from the Family Information Service has signed in."""
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    return client


def to(name, consultation, *more):
    """The address of a page about its documents."""
    return reverse(f"consultations:{name}", args=[consultation.slug, *more])


def typed(file=None, **said):
    """A filled-in form."""
    said = {"title": "The plan in easy read", "format": term(Format, "easy-read").pk, **said}
    return said | ({"file": SimpleUploadedFile(*file)} if file else {})


def test_a_file_is_added_and_families_download_it(fis, client):
    consultation = ConsultationFactory()

    done = fis.post(to("document-add", consultation), typed(("my own name.pdf", PDF)), follow=True)
    paper = Document.objects.get()
    client.logout()
    page = client.get(consultation.get_absolute_url()).content.decode()
    got = client.get(paper.address)

    assert "The document is added." in done.content.decode()
    assert f'href="{paper.address}"' in page
    assert "(Easy read, PDF, 1 kB)" in page
    assert "Need another format or language? Ask Short breaks lead, 01632 960 114." in page
    assert b"".join(got.streaming_content) == PDF
    assert got["Content-Disposition"] == 'attachment; filename="the-plan-in-easy-read.pdf"'
    assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert got["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-cache" in got["Cache-Control"]
    assert "my own name" not in page + str(Document.objects.values())


def test_a_link_to_a_paper_elsewhere_is_shown_as_it_was(fis):
    consultation = ConsultationFactory()

    fis.post(to("document-add", consultation), typed(url="https://example.org/film", other_formats="Ann, 01632 960 9"))

    page = fis.get(consultation.get_absolute_url()).content.decode()
    assert 'href="https://example.org/film"' in page
    assert "Need another format or language? Ask Ann, 01632 960 9." in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose a file, or enter a link"),
        ({"url": "https://example.org", "file": ("a.pdf", PDF)}, "not both"),
        ({"url": "javascript:alert(1)"}, "Enter a web address in full"),
        ({"file": ("a.pdf", b"<html>")}, "what is in it is something else"),
        ({"file": ("<img src=x onerror=alert(1)>.html", b"<html>")}, "Choose a file of one of these kinds"),
        ({"file": ("a.txt", b"")}, "The file is empty"),
        ({"title": "", "file": ("a.pdf", PDF)}, "Enter the name of the document"),
    ],
)
def test_what_cannot_be_a_paper_is_refused_in_words(fis, said, words):
    consultation = ConsultationFactory()

    answer = fis.post(to("document-add", consultation), typed(**said))

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "onerror=alert" not in answer.content.decode()
    assert not Document.objects.exists()


def test_a_hostile_title_makes_a_harmless_name(client):
    paper = kept_document(ConsultationFactory(), title='../../"; rm -rf\r\nX-Evil: 1 <b>\u202efdp')

    assert client.get(paper.address)["Content-Disposition"] == 'attachment; filename="rm-rf-x-evil-1-bfdp.pdf"'


def test_replacing_keeps_the_address_and_the_old_file_goes(fis, django_capture_on_commit_callbacks):
    consultation = ConsultationFactory()
    paper = kept_document(consultation)
    old = path_of(DOCUMENTS, paper.stored)

    with django_capture_on_commit_callbacks(execute=True):
        fis.post(to("document-change", consultation, paper.pk), typed(("new.txt", b"New words")))

    assert b"".join(fis.get(paper.address).streaming_content) == b"New words"
    assert not old.exists()


def test_changing_its_name_keeps_the_file_and_a_link_takes_its_place(fis, django_capture_on_commit_callbacks):
    consultation = ConsultationFactory()
    paper = kept_document(consultation)
    address = to("document-change", consultation, paper.pk)

    fis.post(address, typed(title="Better"))
    assert b"".join(fis.get(paper.address).streaming_content).startswith(b"%PDF")
    with django_capture_on_commit_callbacks(execute=True):
        fis.post(address, typed(url="https://example.org/moved.pdf"))

    assert Document.objects.get().address == "https://example.org/moved.pdf"
    assert fis.get(to("document", consultation, paper.pk)).status_code == 404
    assert not path_of(DOCUMENTS, paper.stored).exists()


def test_removing_takes_the_file_and_the_history_keeps_that_it_was_there(fis, django_capture_on_commit_callbacks):
    consultation = ConsultationFactory()
    paper = kept_document(consultation)
    address = to("document-remove", consultation, paper.pk)

    assert "The file is deleted" in fis.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        fis.post(address)

    assert not Document.objects.exists()
    assert not path_of(DOCUMENTS, paper.stored).exists()
    assert fis.get(paper.address).status_code == 404
    assert "stored" not in {field.name for field in Document.pgh_event_model._meta.fields}


def test_a_file_that_the_database_refuses_is_not_left_behind():
    folder = path_of(DOCUMENTS, "0" * 40).parent.parent
    before = {path for path in folder.rglob("*") if path.is_file()}

    with pytest.raises(ValidationError):
        add_document(
            ConsultationFactory(),
            by=None,
            on=today(),
            file=SimpleUploadedFile("a.pdf", PDF),
            title="x" * 201,
            format=term(Format, "easy-read"),
        )
    assert {path for path in folder.rglob("*") if path.is_file()} == before


def test_there_is_a_most(fis):
    consultation = ConsultationFactory()
    for number in range(30):
        document(consultation, "easy-read", position=number)

    answer = fis.post(to("document-add", consultation), typed(("a.pdf", PDF)))

    assert "There are 30 documents already" in answer.content.decode()
    assert "That is the most" in fis.get(to("documents", consultation)).content.decode()


def test_nobody_sends_files_without_end(fis, monkeypatch):
    monkeypatch.setattr("core.uploads.AN_HOUR", 1)
    consultation = ConsultationFactory()

    fis.post(to("document-add", consultation), typed(("a.pdf", PDF)))
    answer = fis.post(to("document-add", consultation), typed(("a.pdf", PDF)))

    assert "Try again in an hour" in answer.content.decode()
    assert Document.objects.count() == 1


def test_a_paper_is_here_or_elsewhere_and_never_both():
    with pytest.raises(IntegrityError, match="document_is_here_or_elsewhere"):
        document(ConsultationFactory(), "easy-read", url="https://example.org", stored="0" * 40)


@pytest.mark.parametrize(
    ("who", "draft", "published"),
    [
        ("nobody", 404, 200),
        ("contributor elsewhere", 404, 200),
        ("contributor", 200, 200),
        ("FIS editor", 200, 200),
    ],
)
def test_who_gets_a_paper(client, who, draft, published):
    people = People()
    person = people.who(who)
    if person.is_authenticated:
        client.force_login(person)
    for is_draft, status in ((True, draft), (False, published)):
        consultation = ConsultationFactory(organisation=people.service, draft=is_draft)

        assert client.get(kept_document(consultation).address).status_code == status


def test_a_paper_is_only_found_below_its_own_consultation(client):
    paper = kept_document(ConsultationFactory(draft=True))

    assert client.get(to("document", ConsultationFactory(), paper.pk)).status_code == 404


def test_whoever_holds_the_link_to_a_preview_gets_its_papers_and_no_others(client):
    draft = ConsultationFactory(draft=True)
    paper, other = kept_document(draft), kept_document(ConsultationFactory(draft=True))
    token = address_of(share_preview(draft, by=None, now=timezone.now())).rstrip("/").rpartition("/")[2]
    link = reverse("preview-document", args=[token, paper.pk])

    assert f'href="{link}"' in client.get(reverse("preview", args=[token])).content.decode()
    got = client.get(link)
    assert b"".join(got.streaming_content).startswith(b"%PDF")
    assert got["Cache-Control"] == "no-store, private"
    assert client.get(reverse("preview-document", args=[token, other.pk])).status_code == 404
    assert client.get(reverse("preview-document", args=["x", paper.pk])).status_code == 404


@pytest.mark.parametrize(
    ("who", "draft", "sees", "changes"),
    [
        ("contributor", True, 200, 200),
        ("contributor", False, 200, 200),
        ("lead", False, 200, 200),
        ("contributor elsewhere", True, 403, 403),
    ],
)
def test_who_changes_papers(client, who, draft, sees, changes):
    people = People()
    consultation = ConsultationFactory(organisation=people.service, draft=draft)
    paper = kept_document(consultation)
    client.force_login(people.who(who))

    assert client.get(to("documents", consultation)).status_code == sees
    for address in (
        to("document-add", consultation),
        to("document-change", consultation, paper.pk),
        to("document-remove", consultation, paper.pk),
    ):
        assert client.get(address).status_code == changes
        if changes == 403:
            assert client.post(address, typed(("a.pdf", PDF))).status_code == 403


# --- Of what families see already


@pytest.fixture
def published():
    """An open consultation with one paper, as its contributor and somebody who checks find it."""
    people = People()
    consultation = ConsultationFactory(open=True, organisation=people.service)
    kept_document(consultation, title="The plan")
    return people, consultation


def proposes(client, people, consultation, name="document-add", *more, **said):
    """A contributor sends the form of a paper."""
    client.force_login(people.who("contributor"))
    return client.post(to(name, consultation, *more), said or typed(("a.pdf", PDF)), follow=True)


def approves(client, people, said="There is an easy read version."):
    """What waits is sent by its contributor and approved by somebody else."""
    check = Check.objects.get(decision="")
    client.post(reverse("consultations:send-changes", args=[check.consultation.slug]))
    MembershipFactory(role=Role.FIS_MANAGER)
    client.force_login(people.who("FIS editor"))
    return client.post(reverse("consultations:approve", args=[check.pk]), {"correction": said}, follow=True)


def test_a_contributors_new_paper_waits_until_it_is_checked_and_then_families_have_it(client, published):
    people, consultation = published

    page = proposes(client, people, consultation).content.decode()
    assert "Families do not see this yet" in page
    assert Document.objects.count() == 1
    client.logout()
    assert "easy read" not in client.get(consultation.get_absolute_url()).content.decode()

    client.force_login(people.who("contributor"))
    done = approves(client, people).content.decode()

    client.logout()
    public = client.get(consultation.get_absolute_url()).content.decode()
    assert "The plan in easy read" in public
    assert "There is an easy read version." in public
    assert b"".join(client.get(Document.objects.last().address).streaming_content) == PDF
    assert "Give them more time" in done


def test_the_checker_reads_the_paper_before_families_do_and_sees_old_beside_new(client, published):
    people, consultation = published
    proposes(client, people, consultation)
    check = Check.objects.get()
    key = check.values["papers"][0]["key"]
    client.post(reverse("consultations:send-changes", args=[consultation.slug]))
    client.force_login(people.who("FIS editor"))

    html = client.get(reverse("consultations:check", args=[check.pk])).content.decode()
    got = client.get(to("document-proposed-file", consultation, key))

    assert "The plan (A format, PDF)" in html
    assert "New: The plan in easy read (Easy read, PDF, 1 kB)" in html
    assert 'value="There is a new document: “The plan in easy read”."' in html
    assert b"".join(got.streaming_content) == PDF


@pytest.mark.parametrize("who", ["contributor elsewhere", "board viewer", "nobody"])
def test_nobody_else_gets_a_paper_that_waits(client, published, who):
    people, consultation = published
    proposes(client, people, consultation)
    key = Check.objects.get().values["papers"][0]["key"]
    client.logout()
    if (person := people.who(who)).is_authenticated:
        client.force_login(person)

    assert client.get(to("document-proposed-file", consultation, key)).status_code in (302, 403)


def test_a_contributors_change_and_removal_wait_too(client, published, django_capture_on_commit_callbacks):
    people, consultation = published
    other = kept_document(consultation, title="The long plan")
    plan = Document.objects.first()
    proposes(client, people, consultation, "document-change", plan.pk, **typed(title="The plan, mended"))
    client.post(to("document-remove", consultation, other.pk))
    assert {each.title for each in Document.objects.all()} == {"The plan", "The long plan"}

    with django_capture_on_commit_callbacks(execute=True):
        approves(client, people)

    assert [each.title for each in Document.objects.all()] == ["The plan, mended"]
    assert Document.objects.get().stored == plan.stored
    assert path_of(DOCUMENTS, plan.stored).exists()
    assert not path_of(DOCUMENTS, other.stored).exists()


def test_what_a_lead_does_to_another_paper_meanwhile_stays(client, published):
    people, consultation = published
    proposes(client, people, consultation)
    client.force_login(people.who("lead"))
    client.post(to("document-add", consultation), typed(title="From the lead", url="https://example.org/film"))
    client.force_login(people.who("contributor"))

    approves(client, people)

    assert {each.title for each in Document.objects.all()} == {"The plan", "From the lead", "The plan in easy read"}


@pytest.mark.parametrize("how", ["one", "all"])
def test_a_change_that_is_taken_back_leaves_no_file(client, published, django_capture_on_commit_callbacks, how):
    people, consultation = published
    proposes(client, people, consultation)
    row = Check.objects.get().values["papers"][0]
    assert path_of(DOCUMENTS, row["stored"]).exists()

    with django_capture_on_commit_callbacks(execute=True):
        if how == "one":
            client.post(to("document-take-back", consultation, row["key"]))
        else:
            client.post(to("take-changes-back", consultation))

    assert not Check.objects.exists()
    assert not path_of(DOCUMENTS, row["stored"]).exists()
    assert path_of(DOCUMENTS, Document.objects.get().stored).exists()


def test_two_who_change_a_waiting_paper_at_once_never_overwrite_each_other(client, published):
    people, consultation = published
    proposes(client, people, consultation)
    address = to("document-proposal", consultation, Check.objects.get().values["papers"][0]["key"])
    mark = client.get(address).context["form"].initial["mark"]
    client.post(address, typed(title="Mine", mark=mark))

    answer = client.post(address, typed(title="Theirs", mark=mark))

    assert answer.status_code == 400
    assert "Somebody else changed it while you typed" in answer.content.decode()
    assert Check.objects.get().values["papers"][0]["title"] == "Mine"


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("document-add", {"url": "https://example.org/film"}, "There is a new document: “The plan in easy read”."),
        ("document-change", {"title": "The plan", "url": "https://example.org/film"}, "There is a new version of"),
        ("document-remove", {}, "The document “The plan” was taken away."),
    ],
)
def test_families_are_told_of_a_paper_that_comes_late_and_more_time_is_offered(client, published, name, said, words):
    people, consultation = published
    client.force_login(people.who("lead"))
    more = [] if name == "document-add" else [Document.objects.get().pk]

    page = client.post(to(name, consultation, *more), typed(**said), follow=True).content.decode()

    assert words in page
    assert "Give them more time" in page
    assert words in client.get(consultation.get_absolute_url()).content.decode()


def test_another_name_for_a_paper_is_no_news(client, published):
    people, consultation = published
    client.force_login(people.who("lead"))

    client.post(to("document-change", consultation, Document.objects.get().pk), typed(title="The plan, in full"))

    assert not consultation.corrections.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_queries_however_long(fis, django_assert_num_queries, count):
    consultation = ConsultationFactory(draft=True)
    for number in range(count):
        document(consultation, "easy-read", position=number)

    # the person, their roles; the consultation; its papers; what waits; the hub's upkeep
    with django_assert_num_queries(6):
        text = fis.get(to("documents", consultation)).content.decode()
    assert text.count("Change or replace<") == count
