"""Takes the pictures of the README, by walking through its story in a browser. It starts nothing itself.

    script/screenshots story      of the demo, freshly started by script/server; publishes the answer of the story
    script/screenshots records    of a hub with the Leicestershire rows; asks for its manager's address and password

The hub is the one at PORT (8000), and its data are in HUB_DATA_DIR (.data). Chromium must be on this machine.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
HUB = f"http://localhost:{os.environ.get('PORT') or 8000}"
DATA = Path(os.environ.get("HUB_DATA_DIR") or ROOT / ".data")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    page.screenshot(path=TARGET / f"{name}.png")
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


def main() -> None:
    """Walk through one of the two."""
    walks = {"story": tell_the_story, "records": show_the_records}
    if len(sys.argv) != 2 or sys.argv[1] not in walks:
        sys.exit(__doc__)
    with sync_playwright() as browsers:
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = browsers.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        walks[sys.argv[1]](browser.new_page(viewport={"width": DESK[0], "height": DESK[1]}))
        browser.close()


if __name__ == "__main__":
    main()
