"""Takes the pictures of the README and of the guide for staff, by walking through their stories in a browser.

    script/screenshots story      of the demo, freshly started by script/server; publishes the answer of the story
    script/screenshots guide      of the demo, freshly started; its pictures are in docs/staff-guide.md
    script/screenshots records    of a hub with the Leicestershire rows; asks for its manager's address and password

The hub is the one at PORT (8000), and its data are in HUB_DATA_DIR (.data). It starts nothing itself. Chromium
must be on this machine; with pngquant there as well, the pictures are a third of the size.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
HUB = f"http://localhost:{os.environ.get('PORT') or 8000}"
DATA = Path(os.environ.get("HUB_DATA_DIR") or ROOT / ".data")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEADER = ROOT / "tests" / "data" / "leicestershire" / "consultations.csv"
PHONE, DESK = (390, 844), (1280, 800)

ANSWER = {
    "In short": "You asked for beds at weekends. There are none before May. Here is why, and what you can choose now.",
    "Who they were": "Parent carers from three towns. Most have a child who stays at Larch House.",
    "Who we did not hear from, and what we will do about it": "Few dads. We ring a dads’ group in January.",
    "The point in a few words": "Weekends",
    "What people said, including where they did not agree": "Let us choose the nights. We need weekends most.",
    "What we did, or will do, or why we cannot": "All eight beds are booked at weekends until May.",
    "What is different because of what people said": "Families now choose their nights from Monday to Thursday.",
    "What happens next": "Booking opens on 11 January. We tell you on this page.",
}


def shoot(page: Page, name: str, size=DESK, at: str = "") -> None:
    """One picture of what stands in the window, beginning at a heading or a group when one is named."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("at => at ? document.querySelector(at).scrollIntoView() : scrollTo(0, 0)", at)
    page.mouse.move(0, 0)
    picture = TARGET / f"{name}.png"
    page.screenshot(path=picture)
    if shrinks := shutil.which("pngquant"):
        subprocess.run([shrinks, "--force", "--ext", ".png", "--strip", picture], check=True)
    print(f"{name}.png")


def sign_in(page: Page, address: str, password: str) -> None:
    """Come to the desk."""
    page.get_by_label("Email").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/")


def tell_the_story(page: Page) -> None:
    """A late answer is found, written, published and seen, and the manager sees which reminders go next."""
    page.goto(HUB)
    shoot(page, "home-phone", PHONE)
    page.get_by_role("link", name="Respite beds at Larch House").click()
    shoot(page, "late-phone", PHONE)
    page.goto(f"{HUB}/consultations/")
    shoot(page, "finder")

    lead, _therapies, manager = [line.split()[-2:] for line in (DATA / "demo-signins").read_text().splitlines()[:3]]
    page.get_by_role("link", name="Sign in for staff").click()
    sign_in(page, *lead)
    shoot(page, "what-you-owe")

    page.get_by_role("link", name=re.compile("Write the answer.*Respite beds", re.DOTALL)).click()
    for label, words in ANSWER.items():
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="Save and preview").click()
    page.wait_for_url("**/preview/")
    shoot(page, "not-yet", (1280, 520))
    page.get_by_role("link", name="Back to writing").first.click()
    page.get_by_label("No, and here is why").check()
    shoot(page, "write-the-answer", at="#themes-0")
    page.get_by_role("button", name="Save and preview").click()
    page.wait_for_url("**/preview/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Publish the answer").click()
    page.wait_for_url("**/published/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{HUB}/consultations/respite-beds-at-larch-house/")
    shoot(page, "answered")

    page.get_by_role("link", name="Sign in for staff").click()
    sign_in(page, *manager)
    page.get_by_role("link", name="Messages", exact=True).click()
    page.wait_for_url("**/messages/")
    shoot(page, "messages")


def show_the_records(page: Page) -> None:
    """Real rows: in the finder, on a page of their own, and those that wait for a person."""
    page.goto(f"{HUB}/consultations/?q=school+admissions")
    shoot(page, "records")
    page.goto(f"{HUB}/desk/")
    sign_in(page, input("E-mail address of the manager: "), input("Password: "))
    page.get_by_role("link", name=re.compile("Imported rows that wait")).click()
    shoot(page, "held-rows")


# --- The guide for staff

CHANGED, SLUG = "Short breaks: what should we pay for first?", "short-breaks-what-should-we-pay-for-first"
GROUP = "Stay, play and talk"
ROWS = (
    ("Bus passes for young people", "2019-01-07", "2019-03-29", "7 January to 29 March 2019"),
    ("Parks in Ottermere: what to mend first", "2020-05-04", "2020-06-26", "4 May to 26 June 2020"),
    ("A skate park for Stanbeck", "", "", "summer 2018"),
    ("Library opening hours", "2018-09-03", "31/11/2018", "September to November 2018"),
    ("A crossing for Mill Lane", "2021-02-01", "2021-03-12", "1 February to 12 March 2021"),
)


def a_spreadsheet() -> bytes:
    """Old consultations of the invented county as a file with all its columns; one has no day, one a wrong one."""
    out = io.StringIO()
    table = csv.DictWriter(out, HEADER.read_text(encoding="utf-8-sig").splitlines()[0].split(","), restval="")
    table.writeheader()
    for number, (title, opens, closes, printed) in enumerate(ROWS):
        table.writerow({
            "reference": f"ww-{number}", "title": title, "organisation": "Westmarch County Council",
            "record_kind": "consultation", "opens": opens, "closes": closes, "raw_dates": printed,
            "response_published": "unknown", "source_url": "https://westmarch.example.org/old",
        })  # fmt: skip
    return out.getvalue().encode()


def day_boxes(page: Page, name: str, day: date) -> None:
    """Fill the three boxes of a day."""
    for part in ("day", "month", "year"):
        page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))


def follow(page: Page, press: Locator) -> None:
    """Press something that leads to another page, and wait until it is there."""
    with page.expect_navigation():
        press.click()


def show_the_guide(page: Page) -> None:
    """What staff do, for docs/staff-guide.md. It writes a draft, a change and an intention; no answer is published."""
    today = datetime.now().astimezone().date()
    lead, _therapies, manager = [line.split()[-2:] for line in (DATA / "demo-signins").read_text().splitlines()[:3]]

    # A lead writes, asks again and changes what families see.
    page.goto(f"{HUB}/desk/")
    sign_in(page, *lead)
    page.goto(f"{HUB}/desk/consultations/add/")
    page.get_by_label("Title").fill("Saturday clubs for disabled teenagers")
    page.get_by_label("Summary").fill("We want to open two clubs. Tell us where, and what should happen there.")
    shoot(page, "guide-add", (1280, 900))
    page.goto(f"{HUB}/desk/consultations/{SLUG}/write/what/")
    page.get_by_label("Summary").fill(
        "We have less money for short breaks next year. Tell us which breaks help your family most, and why."
    )
    follow(page, page.get_by_role("button", name="Save", exact=True))
    follow(page, page.get_by_role("link", name="Send your changes"))
    follow(page, page.get_by_role("button", name="Send them"))
    follow(page, page.get_by_role("link", name="Ask again"))
    day_boxes(page, "opens_on", today + timedelta(days=210))
    day_boxes(page, "closes_on", today + timedelta(days=260))
    follow(page, page.get_by_role("button", name="Make the draft"))
    shoot(page, "guide-ready", (1280, 900), at="[aria-labelledby=group-2]")
    follow(page, page.get_by_role("button", name="Sign out"))

    # The Family Information Service checks it.
    page.goto(f"{HUB}/desk/")
    sign_in(page, *manager)
    shoot(page, "guide-desk", (1280, 900))
    page.goto(f"{HUB}/desk/checks/")
    follow(page, page.get_by_role("link", name=CHANGED))
    shoot(page, "guide-check", (1280, 900))

    # Planning: the picture, and a clash.
    page.goto(f"{HUB}/desk/plan/")
    shoot(page, "guide-plan", (1280, 900), at=".hub-plan-choose")
    follow(page, page.get_by_role("link", name=re.compile("Choose what to do")).first)
    follow(page, page.get_by_role("link", name=re.compile("Choose what to do")).first)
    shoot(page, "guide-clash", (1280, 820))

    # A spreadsheet, shown and not taken in.
    page.goto(f"{HUB}/desk/imports/new/")
    page.get_by_label("Consultations that have closed").check()
    file = {"name": "old-pages.csv", "mimeType": "text/csv", "buffer": a_spreadsheet()}
    page.get_by_label("CSV file").set_input_files(file)
    follow(page, page.get_by_role("button", name="Check the file"))
    for _try in range(30):
        if page.get_by_role("link", name="Look again").count() == 0:
            break
        page.wait_for_timeout(500)
        page.reload()
    shoot(page, "guide-import", (1280, 900))

    # Events, people, reports, setting up.
    page.goto(f"{HUB}/desk/events/?q={quote(GROUP)}")
    follow(page, page.get_by_role("link", name=GROUP, exact=True))
    shoot(page, "guide-event", (1280, 900))
    page.goto(f"{HUB}/desk/people/?q={lead[0]}")
    follow(page, page.get_by_role("link", name=re.compile("Hand over or leave")).first)
    shoot(page, "guide-hand-over", (1280, 900))
    page.goto(f"{HUB}/desk/board-reports/")
    follow(page, page.get_by_role("main").get_by_role("list").last.get_by_role("link").nth(1))
    shoot(page, "guide-board-report", (1280, 900))
    page.goto(f"{HUB}/desk/setup/")
    shoot(page, "guide-setup", (1280, 900))


def main() -> None:
    """Walk through one of them."""
    walks = {"story": tell_the_story, "guide": show_the_guide, "records": show_the_records}
    if len(sys.argv) != 2 or sys.argv[1] not in walks:
        sys.exit(__doc__)
    with sync_playwright() as browsers:
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = browsers.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        walks[sys.argv[1]](browser.new_page(viewport={"width": DESK[0], "height": DESK[1]}))
        browser.close()


if __name__ == "__main__":
    main()
