"""Stories told by a real browser: messages, people and timings are looked after, and what shows when nobody does."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from consultations.models import Consultation
from core.dates import next_working_day, today
from hub.reports import Quarter
from notices import ledger, post
from notices.models import Fault, Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATE = "Respite beds at Larch House"


def test_messages_are_read_held_back_let_go_and_sent(visitor, county, mailoutbox):
    page, manager = visitor.page, county["fis-manager"]
    # At weekends nothing is owed that could be sent: what Monday morning owes.
    day = next_working_day(today())
    ledger.owe(day, max(timezone.now(), ledger.opens_at(day)))

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
    late = Consultation.objects.get(title=LATE)
    fault = Fault.objects.open().get(kind=Fault.Kind.OWNERLESS, reason="answer-owed", about_id=late.pk)
    # The front has room for a few; whoever leaves may leave more behind.
    Fault.objects.open().exclude(pk=fault.pk).update(mended_at=timezone.now())
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
    page.locator("#answer-owed > summary").click()
    visitor.looks()
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


def test_a_report_for_the_board_is_drafted_issued_and_stays_as_it_was(visitor, county):
    page, manager = visitor.page, county["fis-manager"]
    quarter = Quarter.of(today()).before

    visitor.goes_to("/desk/board-reports/")
    visitor.signs_in(manager.address, manager.password)
    visitor.follows(quarter.words)
    assert visitor.reads("Nobody else sees this draft.")
    page.get_by_label("What do you ask the board to do?").fill("Ask Short breaks for its late answers.")
    visitor.presses("Issue the report")
    assert visitor.reads("The report is issued.")
    issued = page.locator("main section").all_inner_texts()
    assert len(issued) == 13

    Consultation.objects.published().update(title="Another title")
    Organisation.objects.filter(name="Disabled Children’s Service").update(name="Another name")
    visitor.goes_to("/desk/board-reports/")
    visitor.follows(quarter.words)
    assert page.locator("main section").all_inner_texts() == issued
    visitor.goes_to("/desk/evidence-pack/")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Get the pack (zip)").click()
    assert coming.value.suggested_filename.startswith("evidence-")
