"""What every page knows: the council's names and contacts, the menu, and whether somebody is signed in."""

from dataclasses import dataclass
from functools import lru_cache, partial

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.db.models import QuerySet
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.gate import must_have_second_step
from accounts.stages import Upkeep, upkeep
from consultations.events.models import Event
from consultations.models import Consultation
from core import standing
from core.dates import today
from core.facts import Facts, facts
from core.opening import Opening, opening
from core.permissions import Permission
from feedback.models import FeedbackEntry
from hub.theme import OWN_COLOUR
from practice.models import PracticeExample
from practice.resources.models import Resource
from standards.models import Standard

# The sections of the main menu that can be empty: nobody is sent to a page with nothing on it.
SECTIONS = {
    "consultations:find": Consultation,
    "events:find": Event,
    "feedback:log": FeedbackEntry,
    "practice:find": PracticeExample,
    "resources:find": Resource,
    "standards:standard": Standard,
}


def _first_of(model) -> QuerySet:
    """One row that families may read, where there is any."""
    return model.objects.published().order_by().values("pk")[:1]


for _name, _model in SECTIONS.items():
    standing.register(_name, partial(_first_of, _model))

# The first part of the addresses that stand under "What you owe": the front page, its lists, and what is done there.
PEOPLE_PARTS = ("people", "organisations", "keepers", "who-can-do-what", "rights")
CONSULTATION_PARTS = ("consultations", "checks", "imports")
DESK_PARTS = (
    *("", "answers", "entries", "late", "late-reports", "due", "promises", "on-time"),
    *("out-of-date", "still-right", "watching", "notes", "labels", "help"),
)


@dataclass(frozen=True)
class Link:
    """One entry of a menu. `here` is true on the page itself and on the pages below it."""

    text: str
    url: str
    here: bool = False


class Site:
    """The hub as a page shows it: `site` in every template.

    Nothing here touches the session unless the visitor brought a session
    cookie, so that a family's visit leaves none behind and its pages can be
    kept in a cache.
    """

    name = property(lambda self: self.facts.name)
    council = property(lambda self: self.facts.council_name)
    fis_name = property(lambda self: self.facts.fis_name)
    fis_phone = property(lambda self: self.facts.fis_phone)
    fis_email = property(lambda self: self.facts.fis_email)
    council_phone = property(lambda self: self.facts.council_phone)
    council_email = property(lambda self: self.facts.council_email)
    children_services_name = property(lambda self: self.facts.children_services_name)
    children_services_phone = property(lambda self: self.facts.children_services_phone)
    complaints_url = property(lambda self: self.facts.complaints_url)
    privacy_name = property(lambda self: self.facts.privacy_name)
    privacy_email = property(lambda self: self.facts.privacy_email)
    privacy_phone = property(lambda self: self.facts.privacy_phone)
    is_demo = property(lambda self: settings.SHOW_DEMO)
    base_url = property(lambda self: settings.HUB_BASE_URL)

    def __init__(self, request):
        self.request = request

    @property
    def may_have_messages(self) -> bool:
        """Whether a message can be waiting: it waits in the session, or in a cookie of its own."""
        return not {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name}.isdisjoint(self.request.COOKIES)

    @cached_property
    def signed_in(self):
        """The signed-in person, or None. Asks only when a session cookie came with the request."""
        if settings.SESSION_COOKIE_NAME not in self.request.COOKIES:
            return None
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def facts(self) -> Facts:
        """The council's names and contacts."""
        return facts()

    @cached_property
    def opening(self) -> Opening:
        """Whether families may come in: staff are told on public pages when they may not."""
        return opening()

    @property
    def must_have_second_step(self) -> bool:
        """Whether the desk stays shut to this person without a second step at sign-in."""
        return bool(self.signed_in) and must_have_second_step(self.signed_in)

    @property
    def may_be_read(self) -> bool:
        """Whether this visitor may read public pages: families not before the hub is open, staff always."""
        return self.opening.is_open or bool(self.signed_in)

    @property
    def council_sign_in(self) -> str:
        """What the council calls its own sign-in; empty when it has none here."""
        return settings.COUNCIL_SIGN_IN["name"] if settings.COUNCIL_SIGN_IN else ""

    @property
    def may_set_up(self) -> bool:
        """Whether this person may see what is left to do before the hub can be opened."""
        return bool(self.signed_in) and self.signed_in.has_perm(Permission.SET_UP_HUB)

    @cached_property
    def upkeep(self) -> Upkeep:
        """How well the hub is looked after today: families and staff are told when it is not (DESIGN rule 12)."""
        return upkeep(today())

    @property
    def canonical(self) -> str:
        """This page's one address, without what a visitor filtered by."""
        return f"{self.base_url.rstrip('/')}{self.request.path}"

    @cached_property
    def home_url(self) -> str:
        return _address("home") or "/"

    @cached_property
    def menu(self) -> list[Link]:
        """The main menu: what has an address today, and something on it. None while families may not come in."""
        if not self.may_be_read:
            return []
        sections = (
            (_("Have your say"), "consultations:find"),
            (_("Events"), "events:find"),
            (_("You said, we did"), "feedback:log"),
            (_("Who answers families"), "feedback:response-record"),
            (_("Good practice"), "practice:find"),
            (_("Toolkits and links"), "resources:find"),
            (_("The standard"), "standards:standard"),
        )
        links = [self._link(text, name) for text, name in sections if name not in SECTIONS or standing.standing(name)]
        if self.signed_in:
            links.append(self._link(_("Your desk"), "desk"))
        return [link for link in links if link]

    @cached_property
    def desk_menu(self) -> list[Link]:
        """The menu of staff pages: those that this person may open, and where one is among them."""
        if not self.signed_in:
            return []
        pages = (
            (_("What you owe"), "desk", Permission.USE_DESK, DESK_PARTS),
            (_("Consultations"), "consultations:desk-consultations", Permission.USE_DESK, CONSULTATION_PARTS),
            (_("Events"), "events:desk-events", Permission.USE_DESK, ("events", "terms")),
            (_("Good practice"), "practice:desk-examples", Permission.USE_DESK, ("practice", "stories", "network")),
            (_("Forward plan"), "plan:timeline", Permission.USE_DESK, ("plan",)),
            (_("Messages"), "notices:messages", Permission.SEE_MESSAGES, ("messages", "reminders")),
            (_("People"), "accounts:people", Permission.SEE_PEOPLE, PEOPLE_PARTS),
            (_("The standard"), "standards:desk-adoptions", Permission.USE_DESK, ("standard",)),
            (_("Panels and groups"), "feedback:desk-reports", Permission.USE_DESK, ("reports",)),
            (_("What families tell us"), "feedback:comments", Permission.CHECK_COMMENTS, ("tell-us",)),
            (_("Parent checks"), "feedback:parent-checks", Permission.USE_DESK, ("parent-checks",)),
            (_("What families were told"), "feedback:desk-log", Permission.USE_DESK, ("log",)),
            (_("Toolkits and links"), "resources:desk-resources", Permission.USE_DESK, ("resources",)),
            (
                _("Board reports"),
                "board-reports",
                Permission.READ_BOARD_REPORTS,
                ("board-reports", "evidence-pack", "local-offer"),
            ),
            (_("Set up the hub"), "setup", Permission.SET_UP_HUB, ("setup",)),
            (_("Search words"), "synonyms", Permission.EDIT_SEARCH_WORDS, ("search-words",)),
        )
        here = self.request.path.removeprefix(_address("desk")).partition("/")[0]
        return [
            Link(text, _address(name), here=here in parts)
            for text, name, permission, parts in pages
            if self.signed_in.has_perm(permission)
        ]

    @cached_property
    def footer(self) -> list[Link]:
        """Pages that every site has, and the way in for staff."""
        links = []
        if self.may_be_read:
            links = [
                self._link(_("Families like mine"), "consultations:like-mine"),
                self._link(_("My list"), "consultations:my-list"),
                self._link(_("E-mail alerts"), "notices:alerts"),
                self._link(_("Open data"), "open-data"),
                self._link(_("Help"), "help"),
                self._link(_("Privacy"), "privacy"),
                self._link(_("Accessibility"), "accessibility"),
                self._link(_("Tell us what you think, or what is wrong"), "tell-us"),
            ]
        if self.signed_in:
            links.append(self._link(_("Your password and sign-in"), "account_change_password"))
        else:
            links.append(self._link(_("Sign in for staff"), "account_login"))
        return [link for link in links if link]

    @cached_property
    def search_url(self) -> str:
        """The site search, for the box at the top; empty on its own page, which has a box already."""
        url = _address("search")
        return "" if self.request.path == url or not self.may_be_read else url

    @cached_property
    def opensearch_url(self) -> str:
        """Where a browser reads how to search here."""
        return _address("opensearch") if self.may_be_read else ""

    @cached_property
    def sign_out_url(self) -> str:
        return _address("account_logout")

    @cached_property
    def theme_url(self) -> str:
        """The style sheet of the council's own colour, when it has given one."""
        return "" if settings.HUB_BRAND_COLOUR == OWN_COLOUR else _address("theme")

    @cached_property
    def tell_us_url(self) -> str:
        return _address("tell-us")

    def _link(self, text, name) -> Link | None:
        url = _address(name)
        return Link(text, url, here=self.request.path.startswith(url)) if url else None


def _address(name: str) -> str:
    """The address of a named page, or nothing when the hub does not have that page."""
    return _looked_up(name, get_urlconf(), get_language())


@lru_cache(maxsize=256)
def _looked_up(name, _urlconf, _language):
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def site(request):
    """The context processor. allauth's pages bring another `site` of their own, so what every page has reads `hub`."""
    here = Site(request)
    return {"site": here, "hub": here}
