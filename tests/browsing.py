"""What journeys in a real browser share: signing in, and looking for barriers on every page."""

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


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
        found = Axe().run(self.page, options=RULES)
        wrong = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]]
        assert not wrong, f"{self.page.url}\n" + "\n".join(wrong)
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{self.page.url} is {too_wide} pixels wider than the window"
        self.seen.append(self.page.url)

    def signs_in(self, address: str, password: str) -> None:
        """Sign in by password."""
        self.page.get_by_label("Email").fill(address)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.presses("Sign in")

    def reads(self, text: str) -> bool:
        """Whether the page shows this text."""
        return text in self.page.inner_text("main")
