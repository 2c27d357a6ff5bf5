"""Stories told by a real browser: the README's two, a panel's report, messages and people, and a hub left alone."""

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
from notices import ledger, post
from notices.models import Fault, Step
from tests.browsing import Visitor

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


def test_messages_are_read_held_back_let_go_and_sent(visitor, county, mailoutbox):
    page, manager = visitor.page, county["fis-manager"]
    ledger.owe(today(), timezone.now())

    # What goes next, to whom, and why.
    visitor.goes_to("/desk/messages/")
    visitor.signs_in(manager.address, manager.password)
    first = page.locator(".hub-card li a").first
    title = first.inner_text()
    first.click()
    visitor.looks()
    its_page = page.url.removeprefix(visitor.base_url)
    assert visitor.reads("Who is told now")

    # Held back, but not without a reason, and nothing typed is lost.
    visitor.follows("Hold it back")
    page.get_by_label("Day").fill("1")
    visitor.presses("Hold them back")
    assert visitor.reads("Say why the messages are held back")
    assert page.get_by_label("Day").input_value() == "1"
    visitor.goes_to(f"{its_page}hold/")
    page.get_by_label("Why do you hold them back?").fill("The owner is ill. We spoke on the phone.")
    visitor.presses("Hold them back")
    assert visitor.reads("The owner is ill. We spoke on the phone.")
    visitor.goes_to("/desk/messages/")
    visitor.follows("Held back")
    assert visitor.reads(title)

    # Let go, and sent at once.
    visitor.goes_to(its_page)
    visitor.presses("Let it go out again")
    visitor.presses("Send what waits now")
    assert visitor.reads("now.")
    post.send(today(), timezone.now(), at_once=True)
    assert any(title in mail.body for mail in mailoutbox)

    # Its copy says what its reader saw.
    visitor.goes_to(its_page)
    page.get_by_role("link", name=re.compile("Sent on")).first.click()
    visitor.looks()
    assert visitor.reads("What it said")
    assert visitor.reads(title)
    page.goto(f"{page.url}page/")  # runs no script, so axe cannot look at it
    assert title in page.content()
    visitor.goes_to("/desk/messages/?show=sent")


def test_nobody_leaves_without_handing_over_and_a_duty_without_owner_gets_one(visitor, county):
    page, manager = visitor.page, county["fis-manager"]
    leaver = Membership.objects.get(user__email=county["short-breaks-lead"].address)

    # Somebody leaves, and cannot without somebody who takes over.
    visitor.goes_to("/desk/people/")
    visitor.signs_in(manager.address, manager.password)
    page.get_by_role("main").get_by_role("searchbox").fill(leaver.user.email)
    page.get_by_role("main").get_by_role("button", name="Search").click()
    visitor.looks()
    page.get_by_role("link", name=re.compile("Hand over or leave")).first.click()
    visitor.looks()
    assert visitor.reads(LATE)
    page.get_by_label("It ends today").check()
    visitor.presses("Hand over")
    assert visitor.reads("Choose who takes over.")
    page.get_by_label("Who takes over?").select_option(index=1)
    visitor.presses("Hand over")
    assert visitor.reads("The role has ended.")
    successor = Consultation.objects.get(title=LATE).owner
    assert successor not in (None, leaver)

    # The successor's account is closed. The desk says that nobody of that name answers any more.
    User.objects.filter(pk=successor.user_id).update(is_active=False)
    ledger.owe(today(), timezone.now())
    fault = Fault.objects.open().get(kind=Fault.Kind.OWNERLESS, about_id=Consultation.objects.get(title=LATE).pk)
    visitor.goes_to("/desk/")
    assert visitor.reads("Its owner has left")
    page.locator(f"#fault-{fault.pk}").get_by_role("link").click()
    visitor.looks()
    assert visitor.reads("has left.")
    page.get_by_label("Owner").select_option(index=1)
    visitor.presses("Save")
    assert visitor.reads("The owner is changed.")
    assert not page.locator(f"#fault-{fault.pk}").count()


def test_a_timing_is_changed_with_its_consequences_in_view(visitor, county):
    page, manager = visitor.page, county["fis-manager"]
    step = Step.objects.filter(reason="answer-owed", offset_days__gt=0).order_by("offset_days").first()

    visitor.goes_to("/desk/messages/")
    visitor.signs_in(manager.address, manager.password)
    visitor.follows("When reminders go out, and to whom")
    page.locator(f"a[href='/desk/reminders/{step.pk}/']").click()
    visitor.looks()
    page.get_by_label("How many days").fill("many")
    visitor.presses("See whose mail would change")
    assert visitor.reads("There is a problem")
    page.get_by_label("How many days").fill(str(step.offset_days + 3))
    visitor.presses("See whose mail would change")
    assert visitor.reads("In the four weeks from")
    assert not Step.objects.filter(offset_days=step.offset_days + 3, key=step.key).exists()
    visitor.presses("Go back and change it")
    assert page.get_by_label("How many days").input_value() == str(step.offset_days + 3)
    visitor.presses("See whose mail would change")
    visitor.presses("Change the reminder")
    assert visitor.reads("The change is kept.")
    assert visitor.reads(f"{step.offset_days + 3} days after")


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
