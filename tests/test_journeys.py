"""Stories told by a real browser: the README's two, a panel's report, and real records."""

import csv
import re
from io import StringIO
from pathlib import Path

import feedparser
import pytest
from django.core.management import call_command
from django.utils import timezone

from consultations.models import Consultation
from core.dates import today
from core.models import HeldFor, ImportedRow
from notices import ledger, post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = Path(__file__).parent / "data" / "leicestershire"
LATE = "Respite beds at Larch House"
PANEL = "Readers’ panel: check our letters before we send them"
ANSWER_BUT_ITS_POINT = {
    "In short": "You asked for nights that suit school. You can now choose them.",
    "Who they were": "Parent carers from three towns.",
    "Who we did not hear from, and what we will do about it": "Few dads. We will ring.",
    "The point in a few words": "Choosing nights",
    "What people said, including where they did not agree": "Let us choose the nights.",
    "What is different because of what people said": "Families now choose the nights.",
    "What happens next": "Booking opens in January. We tell you here.",
}


def owed_today() -> str:
    """What `manage.py notices due` lists: for each message its thing and why, and all that it says."""
    out = StringIO()
    call_command("notices", "due", stdout=out)
    rows = [line.split("\t") for line in out.getvalue().splitlines()]
    return "\n".join(f"{row[5]}: {row[2]}: {row[4]}" for row in rows if len(row) > 5)


def all_goes_out() -> None:
    """What the scheduler does on the next working morning, done now."""
    ledger.owe(today(), timezone.now())
    post.send(today(), timezone.now(), at_once=True)


def test_a_late_answer_is_published_and_everything_changes_at_once(visitor, county, live_server):
    page = visitor.page
    manager = county["short-breaks-lead"]
    assert f"{LATE}: An answer is owed" in owed_today()

    # A parent finds that an answer is late.
    visitor.goes_to("/")
    visitor.goes_to("/consultations/?stage=late")
    visitor.follows(LATE)
    assert visitor.reads("The answer is 34 days late.")
    assert not page.context.cookies()

    # The service manager signs in and sees what they owe, worst first.
    visitor.goes_to("/desk/")
    visitor.signs_in(manager.address, manager.password)
    assert visitor.reads("What you owe")
    assert visitor.reads(LATE)
    page.get_by_role("link", name=re.compile("Write the answer")).first.click()
    visitor.looks()

    # An incomplete answer is refused, and says which point lacks what.
    for label, words in ANSWER_BUT_ITS_POINT.items():
        page.get_by_label(label).fill(words)
    visitor.presses("Save and preview")
    assert visitor.reads("Before you can publish")
    assert visitor.reads("Choose an answer: “Choosing nights”")

    # With the point answered, it can be seen as families will see it, and published.
    visitor.goes_to("/desk/answers/respite-beds-at-larch-house/")
    page.get_by_label("No, and here is why").check()
    page.get_by_label("What we did, or will do, or why we cannot").fill("The beds are full at weekends until May.")
    visitor.presses("Save and preview")
    assert visitor.reads("The beds are full at weekends until May.")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name=re.compile("Publish")).click()
    visitor.looks()

    # Public page, list, log, feed, desk and reminders all say so at once.
    visitor.goes_to("/consultations/respite-beds-at-larch-house/")
    assert visitor.reads("Answered: 1 point")
    assert not visitor.reads("days late")
    visitor.goes_to("/consultations/?stage=responded")
    assert visitor.reads(LATE)
    visitor.goes_to("/you-said-we-did/")
    assert visitor.reads("Let us choose the nights.")
    feed = feedparser.parse(live_server.url + "/consultations/feed.atom")
    assert feed.entries[0].title.startswith(f"{LATE} (Answered")
    visitor.goes_to("/desk/")
    assert not visitor.reads(LATE)
    assert f"{LATE}: An answer is owed" not in owed_today()
    assert f"{LATE}: Thank you for an answer" in owed_today()  # its owner is thanked


def test_from_a_reminder_one_press_and_a_code_open_the_form(visitor, county, mailoutbox):
    page, manager = visitor.page, county["short-breaks-lead"]
    all_goes_out()
    theirs = [mail for mail in mailoutbox if mail.to == [manager.address]]
    (mail,) = [each for each in theirs if LATE in each.body]
    (link,) = set(re.findall(r"http\S+/go/\S+/desk/answers/respite-beds-at-larch-house/", mail.body))
    already_sent = len(mailoutbox)

    # The mail's link asks for one press. A wrong code says so, the right one opens the form.
    visitor.goes_to(link.removeprefix(visitor.base_url))
    assert len(mailoutbox) == already_sent  # mail scanners follow links too
    visitor.presses("Send me a code")
    page.get_by_label("Code").fill("AAAA-AAAA")
    visitor.presses("Carry on")
    code = re.search(r"^([A-Z0-9-]{6,9})$", mailoutbox[-1].body, re.MULTILINE)[1]
    page.get_by_label("Code").fill(code)
    visitor.presses("Carry on")
    assert page.url.endswith("/desk/answers/respite-beds-at-larch-house/")

    # What changed is written down and published: two presses more.
    for label, words in ANSWER_BUT_ITS_POINT.items():
        page.get_by_label(label).fill(words)
    page.get_by_label("No, and here is why").check()
    page.get_by_label("What we did, or will do, or why we cannot").fill("The beds are full at weekends until May.")
    visitor.presses("Save and preview")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name=re.compile("Publish")).click()
    visitor.looks()
    assert Consultation.objects.get(title=LATE).responded_on == today()

    # The same link takes whoever is signed in straight on.
    visitor.goes_to(link.removeprefix(visitor.base_url))
    assert "/desk/answers/respite-beds-at-larch-house/" in page.url
    assert "/go/" not in page.url


def test_a_late_report_is_written_published_put_right_and_taken_back(visitor, county, live_server):
    page = visitor.page
    manager = county["fis-manager"]
    address = Consultation.objects.get(title=PANEL).get_absolute_url()
    assert "Report is 12 days late" in owed_today()

    # A parent finds that the report is late, reads the last one, and needs no cookie for it.
    visitor.goes_to("/consultations/?q=readers")
    assert visitor.reads("Report is 12 days late")
    visitor.follows(PANEL)
    assert visitor.reads("The report is 12 days late.")
    assert visitor.reads("We wrote nine letters again.")
    visitor.goes_to("/help/")
    assert not page.context.cookies()

    # Its owner sees it among what they owe, and cannot leave the form half empty.
    visitor.goes_to("/desk/?show=mine")
    visitor.signs_in(manager.address, manager.password)
    page.get_by_role("link", name="Write the report").click()
    visitor.looks()
    page.get_by_label("What families said").fill("The letter about school places is too long.")
    visitor.presses("Preview")
    assert visitor.reads("Say what changed because of it, or why nothing did")
    assert page.get_by_label("What families said").input_value() == "The letter about school places is too long."

    # What families will see, one word mended, and out.
    page.get_by_label("What changed because of it").fill("Its date stands frist now.")
    page.get_by_label("How many people or families took part").fill("28")
    visitor.presses("Preview")
    assert visitor.reads("28 people or families took part.")
    visitor.presses("Change something")
    page.get_by_label("What changed because of it").fill("Its date stands first now.")
    visitor.presses("Preview")
    visitor.presses("Publish the report")
    assert visitor.reads("The report is published")
    assert "Report is 12 days late" not in owed_today()
    visitor.goes_to(address)
    assert visitor.reads("Its date stands first now.")
    assert not visitor.reads("days late")
    feed = feedparser.parse(live_server.url + "/consultations/feed.atom")
    assert feed.entries[0].title.startswith(f"{PANEL} (Always open. Report of")

    # Everything that was ever reported stands on one page, which prints without folding.
    visitor.follows("Read all reports on one page")
    assert visitor.reads("We wrote nine letters again.")
    page.emulate_media(media="print")
    assert page.get_by_text("We wrote nine letters again.").is_visible()
    page.emulate_media(media="screen")

    # A mistake is put right, and the report taken back.
    visitor.goes_to("/desk/reports/")
    page.get_by_role("link", name=re.compile(f"Write the report.*{PANEL}")).click()
    visitor.looks()
    page.locator("main details summary").first.click()
    page.get_by_role("link", name="Put it right").first.click()
    visitor.looks()
    page.get_by_label("What changed because of it").fill("Its date and a phone number stand first now.")
    visitor.presses("Publish the changes")
    assert visitor.reads("Families see the corrected report now.")
    visitor.goes_to(f"{address.replace('/consultations/', '/desk/reports/')}published/")
    visitor.follows("Undo: take the report back")
    visitor.presses("Take it back")
    assert page.get_by_label("What families said").input_value() == "The letter about school places is too long."
    visitor.goes_to(address)
    assert visitor.reads("The report is 12 days late.")


def test_real_records_land_where_the_rules_put_them(visitor, db):
    call_command("load_content", verbosity=0, stdout=StringIO())
    out = StringIO()
    call_command("import_csv", "consultations", REAL / "consultations.csv", "--read-on", "2026-11-22", stdout=out)
    rows = list(csv.DictReader((REAL / "consultations.csv").open(encoding="utf-8", newline="")))

    assert len(rows) == 228
    taken = set(Consultation.objects.published().values_list("reference", flat=True))
    held = dict(ImportedRow.objects.held().values_list("reference", "held_for"))
    assert taken | set(held) == {row["reference"] for row in rows}
    assert not taken & set(held)
    for row in rows:
        if row["record_kind"] in ("form", "standing register", "call for proposers"):
            assert held[row["reference"]] == HeldFor.NOT_A_CONSULTATION
        elif row["possible_duplicate_of"]:
            assert held[row["reference"]] == HeldFor.POSSIBLE_DUPLICATE
        elif not row["closes"]:
            assert held[row["reference"]] == HeldFor.NEEDS_DATES
        else:
            assert row["reference"] in taken

    # A parent finds them, each in the stage that the rules give it, and never as late.
    visitor.goes_to("/consultations/?q=school+admissions")
    visitor.follows("School admissions policy")
    assert visitor.reads("It closed before it was listed here.")
    assert visitor.reads("We have not looked for an answer yet.")
    visitor.goes_to("/consultations/?stage=responded")
    assert visitor.reads("Care Online") is False
    visitor.goes_to("/consultations/?stage=late&stage=awaiting&stage=open")
    assert visitor.reads("Nothing matches all of that")
    visitor.goes_to("/")
    assert visitor.reads("Nothing open right now")
