"""What journeys in a real browser share: signing in, and looking for barriers on every page."""

from datetime import date

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Axe().axe_script

# Contrast takes axe longer than all its other rules together. It follows from how words look and what they stand on:
# the way from the top of the page down to them, with the colours, size and place of each step. Words that look like
# others which were measured before, in a window as wide, are not measured again. Everything else is looked at anew.
LOOK = """
async ([tags, measured]) => {
    const before = new Set(measured);
    const looks = new Map();
    const hash = words => {
        let [a, b] = [0xdeadbeef, 0x41c6ce57];
        for (let at = 0; at < words.length; at++) {
            a = Math.imul(a ^ words.charCodeAt(at), 2654435761);
            b = Math.imul(b ^ words.charCodeAt(at), 1597334677);
        }
        return 4294967296 * (2097151 & b) + (a >>> 0);
    };
    const look = element => {
        if (!element) return 0;
        if (!looks.has(element)) {
            const style = getComputedStyle(element);
            looks.set(element, hash([
                look(element.parentElement), element.tagName, element.className, element.disabled,
                element.ariaDisabled, element.ariaHidden, style.color, style.backgroundColor, style.backgroundImage,
                style.opacity, style.fontSize, style.fontWeight, style.display, style.visibility, style.position,
                style.textShadow, style.filter, style.mixBlendMode, style.clipPath,
            ].join()));
        }
        return looks.get(element);
    };
    const says = element => (element.matches("input, select, textarea")
        || [...element.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim()))
        && element.checkVisibility({visibilityProperty: true});
    const fresh = new Map();
    for (const element of document.body.querySelectorAll("*"))
        if (says(element) && !before.has(look(element))) fresh.set(look(element), element);

    const options = {resultTypes: ["violations"], selectors: false};
    const found = [await axe.run({...options, runOnly: tags, rules: {"color-contrast": {enabled: false}}})];
    if (fresh.size)
        found.push(await axe.run({include: [...fresh.values()]}, {...options, runOnly: {type: "rule",
            values: ["color-contrast"]}}));
    return {
        wrong: found.flatMap(each => each.violations).map(each => `${each.id}: ${each.nodes[0].html.slice(0, 200)}`),
        measured: [...fresh.keys()],
        tooWide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    };
}
"""
_measured: dict[int, set[int]] = {}


class Visitor:
    """Somebody with a browser. Every page they come to has no barriers (axe) and is no wider than the window."""

    def __init__(self, page, base_url: str):
        self.page = page
        self.base_url = base_url
        self.seen: list[str] = []

    def goes_to(self, path: str):
        """Open an address of the hub."""
        answer = self.page.goto(self.base_url + path)
        self.looks()
        return answer

    def presses(self, name: str, role: str = "button"):
        """Press a button or a link by what it says."""
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.looks()

    def follows(self, name: str):
        """Press a link by what it says."""
        self.presses(name, role="link")

    def looks(self) -> None:
        """Check the page that is shown: axe finds nothing wrong with it, and it does not scroll sideways.

        A press waits until the next page begins to arrive, not until it is there: axe in a page of which half has come
        finds no document to look at.
        """
        self.page.wait_for_load_state()
        measured = _measured.setdefault(self.page.viewport_size["width"], set())
        self.page.evaluate(AXE)
        found = self.page.evaluate(LOOK, [TAGS, list(measured)])
        assert not found["wrong"], f"{self.page.url}\n" + "\n".join(found["wrong"])
        measured.update(found["measured"])
        assert found["tooWide"] <= 0, f"{self.page.url} is {found['tooWide']} pixels wider than the window"
        self.seen.append(self.page.url)

    def signs_in(self, address: str, password: str) -> None:
        """Sign in by password."""
        self.page.get_by_label("Email").fill(address)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.presses("Sign in")

    def is_now(self, user) -> None:
        """Become somebody else who is signed in, as if at another computer. Signing in itself has its own stories."""
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.base_url}])

    def enters_day(self, name: str, day: date) -> None:
        """Fill the three boxes of a day."""
        for part in ("day", "month", "year"):
            self.page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))

    def reads(self, text: str) -> bool:
        """Whether the page shows this text."""
        return text in self.page.inner_text("main")
