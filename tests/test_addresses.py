"""Every address, asked by everybody: it answers, refuses or asks to sign in, and never falls over."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Note, RecordLabel
from accounts.tests.people import People
from consultations.events.tests.factories import EventFactory, SchoolTermFactory
from consultations.help.tests.factories import AskerFactory, HelpRequestFactory
from consultations.languages import languages
from consultations.plan.clashes import window_of
from consultations.plan.tests.factories import IntentionFactory, UmbrellaFactory
from consultations.sources.models import Found, Source, SourceKind
from consultations.tests.around import kept_document
from consultations.tests.factories import ConsultationFactory
from consultations.writing.forms import STEPS
from consultations.writing.models import Check
from core.actions import shut_new_hub
from core.dates import today
from core.models import HeldFor, ImportedRow, ImportRun, Link, LinkUse, PreElectionPeriod
from feedback.comments.tests.factories import CheckerFactory, CommentFactory, HelpRouteFactory
from feedback.models import ReportKind
from feedback.parents.tests.factories import ParentCheckFactory
from feedback.tests.factories import (
    FeedbackEntryFactory,
    IssuedReportFactory,
    ResponseFactory,
    StandingReportFactory,
)
from hub.sitemaps import SITEMAPS
from notices.defaults import load_steps
from notices.models import Fault, Mail, Step
from practice.forms import STEPS as EXAMPLE_STEPS
from practice.models import ExampleCheck
from practice.network.tests.factories import NetworkPersonFactory
from practice.resources.tests.factories import ResourceFactory, SuggestionFactory
from practice.stories.tests.factories import story
from practice.tests.factories import PracticeExampleFactory, TriedFactory
from standards.tests.factories import AdoptionFactory, ClaimAnswerFactory, PlannedActionFactory, begun, published

PEOPLE = ("nobody", "contributor elsewhere", "contributor", "lead", "FIS manager", "board viewer", "superuser")
# A page for families knows nobody: it is enough to ask it signed out, signed in, and as somebody who may do everything.
OF_PUBLIC_PAGES = ("nobody", "contributor", "superuser")
# What is issued to the boards is about all bodies, and for them.
OF_BOARDS = ("board-report", "board-report-csv")
# Whoever writes for a body may say that it tried what another one tells of.
WRITERS, OF_WRITERS = ("contributor elsewhere",), ("practice:try",)
# A forum looks at the promises of every service.
OF_FORUMS = ("feedback:parent-check", "feedback:parent-check-choose", "feedback:parent-invite", "standards:claims")
ANSWERS = {
    "get": {200, 302, 403, 404, 405},
    # Also: an empty form is said to be wrong, and one written on an older version is not saved.
    "post": {200, 302, 400, 403, 404, 405, 409},
}
# Not ours to test: Django's admin and allauth's pages beyond those that need no key.
SKIPPED = ("admin/", "accounts/")
# What only a link in a mail opens, or must be told what it is about.
FROM_MAIL = ("did-this-happen/asked/", "alerts/leave/", "alerts/confirm/", "alerts/manage/", "alerts/new/", "preview/")


class County(People):
    """One of everything that an address can be about."""

    def __init__(self):
        super().__init__()
        load_steps()
        self.consultation = ConsultationFactory(
            late=True, organisation=self.service, owner=self.owner, deputy=self.deputy
        )
        self.document = kept_document(self.consultation)
        self.answered = ResponseFactory(
            consultation=ConsultationFactory(responded=True, organisation=self.service, owner=self.owner)
        )
        self.entry = FeedbackEntryFactory(organisation=self.service, promised=True)
        self.fault = Fault.objects.create(kind=Fault.Kind.ADDRESS, recipient_hash="0" * 64, address="a@example.org")
        self.report = StandingReportFactory(
            consultation=ConsultationFactory(standing=True, organisation=self.service, owner=self.owner)
        )
        self.event = EventFactory(organisation=self.service, owner=self.owner, deputy=self.deputy)
        self.term = SchoolTermFactory()
        draft = ConsultationFactory(
            draft=True, organisation=self.service, owner=self.owner, submitted_at=timezone.now()
        )
        self.check = Check.objects.create(consultation=draft, sent_at=draft.submitted_at)
        self.run = ImportRun.objects.create(
            kind="consultations", stored="0" * 40, sha256="0" * 64, read_on=today(), made_at=timezone.now()
        )
        self.intention = IntentionFactory(organisation=self.service, owner=self.owner)
        self.window = window_of(self.intention)
        self.umbrella = UmbrellaFactory(organisation=self.service, owner=self.owner)
        self.election = PreElectionPeriod.objects.create(name="May", starts_on=today(), ends_on=today())
        self.issued = IssuedReportFactory()
        no_comments = {"title": "The local offer", "days": "A year", "groups": [], "left_out": []}
        self.local_offer = IssuedReportFactory(kind=ReportKind.LOCAL_OFFER, content=no_comments)
        self.note = Note.objects.create(kind="consultation", record_id=self.consultation.pk, text="A note")
        self.label = RecordLabel.objects.create(kind="event", record_id=self.event.pk, words="seldom heard")
        self.link = Link.objects.create(
            url="https://example.org/", code=404, bad_days=3, last_bad_on=today(), broken_since=today()
        )
        LinkUse.objects.create(link=self.link, kind="consultation", record_id=self.consultation.pk)
        self.source = Source.objects.create(
            organisation=self.service, kind=SourceKind.FEED, url="https://example.org/feed"
        )
        self.found = Found.objects.create(
            source=self.source,
            external_id="1",
            title="Found",
            consultation=draft,
            says={"opens_on": None, "closes_on": "2030-01-01"},
            found_at=timezone.now(),
        )
        self.help = HelpRequestFactory(
            consultation=ConsultationFactory(
                open=True, organisation=self.service, owner=self.owner, deputy=self.deputy, slug="open-for-help"
            )
        )
        AskerFactory(request=self.help)
        self.comment = CommentFactory(organisation=self.service)
        self.route = HelpRouteFactory()
        done = {"entry__organisation": self.service}
        self.story = story(organisation=self.service)
        self.peer = NetworkPersonFactory()
        self.parents = ParentCheckFactory(**done, words="It came.", words_state="waiting", sent_at=timezone.now())
        # Somebody reads, so the form is open.
        CheckerFactory(since=today())
        self.example = PracticeExampleFactory(organisation=self.service)
        self.tried = TriedFactory(example=self.example, organisation=self.service)
        unchecked = PracticeExampleFactory(draft=True, organisation=self.service, submitted_at=timezone.now())
        self.example_check = ExampleCheck.objects.create(example=unchecked, sent_at=unchecked.submitted_at)
        self.row = ImportedRow.objects.create(
            kind="consultations", reference="r-1", source_hash="x", row={"title": "A row"}, held_for=HeldFor.NEEDS_DATES
        )

        self.pledge = AdoptionFactory(organisation=self.service)
        self.claim = ClaimAnswerFactory(judgement=published(self.pledge).judgements.first())
        self.own_check = begun(self.pledge)
        self.planned = PlannedActionFactory(adoption=self.pledge)
        self.resource = ResourceFactory(organisation=self.service)
        self.suggestion = SuggestionFactory()

    def arguments(self, name: str, pattern) -> list[dict]:
        """What the address may be given: each thing that it can be about."""
        wanted = set(pattern.pattern.converters)
        if not wanted:
            return [{}]
        if wanted == {"service"}:
            return [{"service": "postmark"}]
        in_languages = [{"language": code} for code in languages()] if "language" in wanted else [{}]
        wanted -= {"language"}
        if name.startswith("events:"):
            day = self.event.first_day
            about = {
                "slug": self.event.slug,
                "day": day,
                "year": today().year,
                "month": 1,
                "pk": self.term.pk,
                "number": 1,
                "step": "when",
            }
            return [{each: about[each] for each in wanted} | one for one in in_languages]
        if name.startswith("standards:"):
            of_check = name.partition(":")[2] in ("check", "publish-check", "first-steps", "judge")
            pk = self.own_check.pk if of_check else self.pledge.pk
            pk = self.planned.pk if name.partition(":")[2] in ("planned", "planned-end") else pk
            pk = {"claims": self.claim.judgement.check_of_id, "claim-words": self.claim.pk}.get(name[10:], pk)
            about = {"slug": self.service.slug, "pk": pk, "key": "values-emerging-1"}
            return [{each: about[each] for each in wanted}]
        if name.startswith("resources:"):
            about = {"slug": self.resource.slug, "pk": self.suggestion.pk, "number": 1}
            return [{each: about[each] for each in wanted}]
        if name.startswith("practice:"):
            about = {"slug": self.example.slug, "pk": self.tried.pk}
            if "story" in name:
                about["slug"] = self.story.slug
            if "network" in name:
                about["pk"] = self.peer.pk
            if name.partition(":")[2] in ("check", "approve", "send-back"):
                about["pk"] = self.example_check.pk
            if wanted == {"slug", "step"}:
                return [{"slug": self.example.slug, "step": step} for step in EXAMPLE_STEPS]
            return [{each: about[each] for each in wanted}]
        if wanted == {"slug", "step"}:
            return [{"slug": self.consultation.slug, "step": step} for step in STEPS]
        if name.startswith("plan:"):
            about = {"slug": self.umbrella.slug, "pk": self.intention.pk, "window": self.window.pk}
            if name.partition(":")[2] in ("clashes", "clash", "related", "asked-before"):
                about["slug"] = self.consultation.slug
            if "election" in name:
                about["pk"] = self.election.pk
            return [{each: about[each] for each in wanted}]
        if wanted == {"slug"}:
            if "organisation" in name:
                return [{"slug": self.service.slug}]
            about = (self.consultation, self.answered.consultation, self.report.consultation)
            if name.endswith("closing-date"):  # what stays open has none
                about = about[:2]
            return [{"slug": each.slug} | one for each in about for one in in_languages]
        if wanted == {"section"}:
            return [{"section": section} for section in SITEMAPS]
        if wanted == {"slug", "number"}:  # the first thing that was done to it
            record = self.service if "organisation" in name else self.consultation
            return [{"slug": record.slug, "number": 1}]
        if "document" in name:
            about = {"slug": self.consultation.slug, "pk": self.document.pk, "token": "x" * 65, "key": "p1"}
            return [{each: about[each] for each in wanted}]
        if wanted == {"label"}:
            return [{"label": self.label.words}]
        if "kind" in wanted:
            about = {"kind": "consultation", "pk": self.consultation.pk, "note": self.note.pk, "token": "x" * 65}
            return [{each: about[each] for each in wanted}]
        if wanted == {"slug", "pk"}:
            return [{"slug": self.report.consultation.slug, "pk": self.report.pk}]
        if wanted == {"pk"}:
            if type(pattern.pattern.converters["pk"]).__name__ == "UUIDConverter":
                mail = Mail.objects.first()
                return [{"pk": mail.pk if mail else "00000000-0000-0000-0000-000000000000"}]
            step = Step.objects.first()
            about = {
                **dict.fromkeys(("held-row", "held-row-leave-out"), self.row.pk),
                **dict.fromkeys(("timing", "timing-stop"), step.pk),
                **dict.fromkeys(("hand-over", "address", "sign-in-of"), self.owner.pk),
                **dict.fromkeys(("import-run", "import-rejected"), self.run.pk),
                "fault": self.fault.pk,
                "check-link": self.link.pk,
                **dict.fromkeys(("source", "source-edit", "source-read"), self.source.pk),
                **dict.fromkeys(("found-take", "found-keep"), self.found.pk),
                **dict.fromkeys(("help-request", "help-met", "help-met-earlier", "help-could-not"), self.help.pk),
                **dict.fromkeys(("help-put-back", "help-forget"), self.help.pk),
                **dict.fromkeys(("check", "approve", "send-back"), self.check.pk),
                **dict.fromkeys(("comment", "comment-merge", "comment-refer"), self.comment.pk),
                **dict.fromkeys(("comment-help", "comment-leave-out", "comment-unfold"), self.comment.pk),
                "comment-reopen": self.comment.pk,
                **dict.fromkeys(("happened", "happened-thanks"), self.parents.entry_id),
                **dict.fromkeys(("parent-check", "parent-check-choose", "parent-invite"), self.parents.entry_id),
                **dict.fromkeys(("parent-words", "parent-words-leave-out"), self.parents.pk),
                **dict.fromkeys(("help-route", "help-route-switch"), self.route.pk),
                **dict.fromkeys(("board-report", "board-report-csv"), self.issued.pk),
                **dict.fromkeys(("local-offer-report", "local-offer-csv"), self.local_offer.pk),
            }
            return [{"pk": about.get(name.rpartition(":")[2], self.entry.pk)}]
        if wanted == {"year", "quarter"}:
            return [{"year": today().year, "quarter": (today().month + 2) // 3}]
        if wanted == {"reason", "pk"}:
            return [{"reason": "answer-owed", "pk": self.consultation.pk}]
        if wanted == {"token"}:
            return [{"token": "x" * 65}]
        if wanted == {"token", "path"}:
            return [{"token": "x" * 65, "path": "desk/"}]
        if wanted == {"reason"}:
            return [{"reason": "answer-owed"}]
        raise AssertionError(f"Say here what {name} is about: it takes {wanted}")


def ours(resolver=None, namespace="", before="") -> list[tuple[str, str, URLPattern]]:
    """Every pattern of our own: its name, its address and itself."""
    found = []
    for each in (resolver or get_resolver()).url_patterns:
        address = before + str(each.pattern)
        if address.startswith(SKIPPED):
            continue
        if isinstance(each, URLResolver):
            found += ours(each, f"{each.namespace}:" if each.namespace else namespace, address)
        else:
            found.append((f"{namespace}{each.name}", address, each))
    return found


@pytest.fixture
def county(db):
    """One of everything."""
    return County()


@pytest.fixture
def sign_in(client):
    """Make the client somebody."""

    def _sign_in(person):
        client.logout()
        if person.is_authenticated:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    return _sign_in


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_answers_everybody(client, county, sign_in, method):
    table, wrong = [], []
    for who in PEOPLE:
        sign_in(county.who(who))
        for name, address, pattern in ours():
            if not address.startswith("desk/") and who not in OF_PUBLIC_PAGES:
                continue
            for arguments in county.arguments(name, pattern):
                response = getattr(client, method)(reverse(name, kwargs=arguments))
                line = f"{response.status_code}  {who:<22} {method:<4} {name:<32} {address}"
                table.append(line)
                refused_to_guests = who != "nobody" or not address.startswith("desk/") or response.status_code == 302
                # The superuser has sent the empty list of those who read, so the form is off by then.
                may_be_off = "health" in name or name == "feedback:tell"
                expected = ANSWERS[method] | ({503} if may_be_off else set())
                if response.status_code not in expected or not refused_to_guests:
                    wrong.append(line)

    assert not wrong, "\n".join([*wrong, "", "The whole table:", *sorted(table)])


def test_every_address_has_a_name():
    assert [address for name, address, _pattern in ours() if name.endswith("None")] == []


def test_staff_pages_say_who_may_pass():
    """One that forgot is closed to everybody, and nobody would notice."""
    from core.permissions import Permission

    for name, address, pattern in ours():
        if address.startswith("desk/"):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            assert getattr(view, "permission", None) in set(Permission), name


def test_families_may_read_every_public_page(client, county):
    for name, address, pattern in ours():
        if not address.startswith(("desk/", "health/", "go/", "hooks/", *FROM_MAIL)):
            for arguments in county.arguments(name, pattern):
                assert client.get(reverse(name, kwargs=arguments)).status_code == 200, address


def test_while_the_hub_is_shut_families_read_nothing_at_any_public_address(client, county):
    shut_new_hub(on=today())
    works_on = ("desk/", "health/", "go/", "hooks/", "theme.css", "alerts/leave/", "alerts/manage/")
    for name, address, pattern in ours():
        for arguments in county.arguments(name, pattern):
            for ask in (client.get, client.post):
                answer = ask(reverse(name, kwargs=arguments))
                if address.startswith(works_on):
                    assert answer.status_code != 503 or "health" in address, address
                else:
                    assert answer.status_code == 503, address
                    assert county.consultation.title not in answer.content.decode(), address


def test_people_of_another_body_read_no_staff_page_about_this_one(client, county, sign_in):
    for who in ("contributor elsewhere", "board viewer", "parent reviewer"):
        sign_in(county.who(who))
        for name, address, pattern in ours():
            if address.startswith("desk/") and pattern.pattern.converters:
                if (who == "board viewer" and name in OF_BOARDS) or (who in WRITERS and name in OF_WRITERS):
                    continue
                if who == "parent reviewer" and name in OF_FORUMS:
                    continue
                for arguments in county.arguments(name, pattern):
                    assert client.get(reverse(name, kwargs=arguments)).status_code in (403, 404), (who, address)


def test_an_address_of_nothing_is_not_found_in_the_hubs_own_look(client, db):
    response = client.get("/no/such/page/")

    assert response.status_code == 404
    assert b"hub.css" in response.content


@pytest.mark.parametrize("address", ["/consultations", "/desk", "/you-said-we-did"])
def test_a_forgotten_slash_leads_on(client, db, address):
    assert client.get(address).status_code == 301


def test_the_public_addresses_are_those_that_were_promised():
    promised = {
        "home": "/",
        "consultations:find": "/consultations/",
        "consultations:feed": "/consultations/feed.atom",
        "consultations:csv": "/consultations.csv",
        "consultations:planned": "/consultations/planned/",
        "consultations:calendar": "/consultations/calendar.ics",
        "events:find": "/events/",
        "events:csv": "/events.csv",
        "feedback:log-csv": "/you-said-we-did.csv",
        "open-data": "/open-data/",
        "open-data-csv": "/open-data/columns.csv",
        "events:ics": "/events/calendar.ics",
        "notices:alerts": "/alerts/",
        "resources:find": "/resources/",
        "resources:csv": "/resources.csv",
        "resources:feed": "/resources/feed.atom",
        "feedback:log": "/you-said-we-did/",
        "practice:find": "/practice/",
        "practice:feed": "/practice/feed.atom",
        "practice:csv": "/practice.csv",
        "feedback:log-feed": "/you-said-we-did/feed.atom",
        "desk": "/desk/",
        "search": "/search/",
        "tell-us": "/tell-us/",
        "consultations:help-requests": "/desk/help/",
        "feedback:gaps": "/tell-us/gaps/",
        "accessibility": "/accessibility/",
        "privacy": "/privacy/",
        "help": "/help/",
        "health-live": "/health/live",
        "health-ready": "/health/ready",
        "account_login": "/accounts/login/",
    }

    assert {name: reverse(name) for name in promised} == promised
    assert reverse("consultations:detail", args=["short-breaks"]) == "/consultations/short-breaks/"
    assert reverse("consultations:help", args=["short-breaks"]) == "/consultations/short-breaks/help/"
    assert reverse("events:help", args=["drop-in"]) == "/events/drop-in/help/"
    assert reverse("feedback:reports", args=["a-panel"]) == "/consultations/a-panel/reports/"
    assert reverse("accounts:organisation", args=["parks"]) == "/organisations/parks/"
    assert reverse("feedback:entry", args=[7]) == "/you-said-we-did/7/"
