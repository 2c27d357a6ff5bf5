"""Stories told by a real browser: the README's two, a panel's report, and a hub left alone."""

import csv
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import feedparser
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Membership, User
from consultations.models import Consultation
from core.dates import today
from core.models import HeldFor, ImportedRow
from hub.demo.load import load
from tests.browsing import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = Path(__file__).parent / "data" / "leicestershire"
LATE = "Respite beds at Larch House"
PANEL = "Readers’ panel: check our letters before we send them"


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def visitor(request, page, live_server, settings):
    """Somebody with a phone, and somebody at a desk."""
    settings.HUB_BASE_URL = live_server.url
    page.set_viewport_size({"width": request.param, "height": 900})
    return Visitor(page, live_server.url)


@pytest.fixture
def county(db):
    """The invented county, and who can sign in to it."""
    call_command("load_content", verbosity=0, stdout=StringIO())
    return {sign_in.address.split("@")[0]: sign_in for sign_in in load(on=today())}


def owed_today() -> str:
    """What `manage.py notices due` lists: for each message its thing and why, and all that it says."""
    out = StringIO()
    call_command("notices", "due", stdout=out)
    rows = [line.split("\t") for line in out.getvalue().splitlines()]
    return "\n".join(f"{row[5]}: {row[2]}: {row[4]}" for row in rows if len(row) > 5)


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
    page.get_by_label("In short").fill("You asked for nights that suit school. You can now choose them.")
    page.get_by_label("Who they were").fill("Parent carers from three towns.")
    page.get_by_label("Who we did not hear from, and what we will do about it").fill("Few dads. We will ring.")
    page.get_by_label("The point in a few words").fill("Choosing nights")
    page.get_by_label("What people said, including where they did not agree").fill("Let us choose the nights.")
    page.get_by_label("What is different because of what people said").fill("Families now choose the nights.")
    page.get_by_label("What happens next").fill("Booking opens in January. We tell you here.")
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
    assert PANEL not in owed_today()
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


def test_a_long_word_pushes_no_page_out_of_the_window(visitor, county):
    title = f"{'Playground' * 15} and a name as long as two hundred characters"
    Consultation.objects.filter(title=LATE).update(title=title)

    for path in ("/consultations/?stage=late", "/consultations/respite-beds-at-larch-house/"):
        visitor.goes_to(path)
        assert visitor.reads(title)
    visitor.goes_to("/desk/")
    visitor.signs_in(county["fis-manager"].address, county["fis-manager"].password)
    assert visitor.reads(title)
    visitor.goes_to("/desk/answers/respite-beds-at-larch-house/")
    visitor.goes_to("/desk/people/")


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


def test_a_hub_that_nobody_looks_after_says_so_until_somebody_signs_in(visitor, county):
    keepers = User.objects.filter(pk__in=Membership.objects.of_fis().values("user"))
    long_ago = timezone.now() - timedelta(days=60)
    keepers.update(date_joined=long_ago, last_login=long_ago)
    page, manager = visitor.page, county["fis-manager"]

    # A family reads it on every page, and that a late answer may be out elsewhere.
    visitor.goes_to("/")
    assert "Nobody has looked after this site since" in page.inner_text("body")
    visitor.goes_to("/consultations/?stage=late")
    assert visitor.reads("We do not know how many answers are still owed.")
    visitor.follows(LATE)
    assert visitor.reads("An answer may have been published elsewhere since.")
    visitor.follows("This is wrong? Tell us")
    assert visitor.reads("so nobody would read what you send")
    assert not page.context.cookies()

    # A service manager is told whom to call.
    visitor.goes_to("/desk/")
    visitor.signs_in(county["short-breaks-lead"].address, county["short-breaks-lead"].password)
    assert visitor.reads("Nobody from the Family Information Service has signed in since")
    page.context.clear_cookies()

    # Somebody from the service comes back.
    visitor.goes_to("/desk/keepers/")
    visitor.signs_in(manager.address, manager.password)
    assert visitor.reads("Who looks after the hub")
    page.context.clear_cookies()
    visitor.goes_to("/")
    assert "Nobody has looked after" not in page.inner_text("body")
    assert visitor.reads("waiting")
