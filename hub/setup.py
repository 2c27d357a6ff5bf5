"""Staff pages that set a hub up, open it to the public, and close it again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from accounts.actions import add_organisations, add_person, invite
from accounts.models import Membership, Organisation, OrganisationKind, Role
from core import actions as core_actions
from core.acting import ActingView
from core.dates import today
from core.facts import NAMES, facts
from core.models import Area
from core.opening import opening
from core.permissions import Permission
from hub import actions
from hub.setting_up import WHEN_SET_UP, steps
from hub.setup_forms import (
    AreasForm,
    CloseForm,
    ContactForm,
    CouncilForm,
    KeeperForm,
    OpenForm,
    OrganisationsForm,
    PrivacyForm,
    PromiseForm,
    SafeguardingForm,
)

MOST_NAMED = 30


class SetUp(TemplateView):
    """Everything that has to be done, what is done already, and the button that opens the hub."""

    permission = Permission.SET_UP_HUB
    template_name = "hub_desk/setup.html"

    def get_context_data(self, **kwargs):
        """The steps, and how many are left."""
        all_steps = steps()
        return super().get_context_data(
            steps=all_steps,
            left=sum(not each.is_done for each in all_steps),
            missing=[each for each in all_steps if each.lacks and not each.is_done],
            opening=opening(),
            may_open=self.request.user.has_perm(Permission.OPEN_HUB),
            **kwargs,
        )


class SetUpStep(ActingView):
    """One step: a short form, and back to the list."""

    permission = Permission.SET_UP_HUB
    template_name = "hub_desk/setup_step.html"
    title = lead = ""
    button = gettext_lazy("Save")
    done = gettext_lazy("Saved.")

    def act(self, said):
        """Do it, say so, and go back to the list."""
        words = self.do(said)
        messages.success(self.request, words or self.done)
        return redirect("setup")

    def do(self, said) -> str | None:
        """Do what this page does; returns what to say, where it is more than `done`."""
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        """The words of the page."""
        words = {"title": self.title, "lead": self.lead, "button": self.button}
        return super().get_context_data(**words, there=self.there(), **kwargs)

    def there(self) -> str:
        """What is there already, in a sentence."""
        return ""


class StateFacts(SetUpStep):
    """A step that writes down names and contacts."""

    def get_initial(self):
        """What counts now."""
        now = facts()
        return {name: getattr(now, name) for name in NAMES}

    def do(self, said):
        """Write it down."""
        core_actions.state_facts(by=self.request.user, **said)


class NameCouncil(StateFacts):
    """What the site and the council are called."""

    form_class = CouncilForm
    title = gettext_lazy("The names of the site and the council")
    lead = gettext_lazy("They stand at the top of every page and in every e-mail.")

    def do(self, said):
        """Write it down, and call the council's own entry the same."""
        actions.name_council(by=self.request.user, **said)


class SayContact(StateFacts):
    """How families reach the service."""

    form_class = ContactForm
    title = gettext_lazy("How families reach you")
    lead = gettext_lazy("This stands at the foot of every page, in e-mails, and wherever families can ask for help.")

    def do(self, said):
        """Write it down, and in the service's own entry too."""
        actions.say_how_to_reach(by=self.request.user, **said)


class SaySafeguarding(StateFacts):
    """Who to ring about a child."""

    form_class = SafeguardingForm
    title = gettext_lazy("Who to ring about a child")
    lead = gettext_lazy(
        "Families see this beside “Is a child in danger now? Call 999.” Ring the number once to check it."
    )


class SayPrivacy(StateFacts):
    """Who answers for privacy."""

    form_class = PrivacyForm
    title = gettext_lazy("Who answers for privacy")
    lead = gettext_lazy("The page about privacy names them. Families ask them what the council knows about them.")


class AddAreas(SetUpStep):
    """The parts of the county."""

    form_class = AreasForm
    title = gettext_lazy("The parts of the county")
    lead = gettext_lazy("Districts, towns or other parts that families know, and one for the whole county.")
    button = gettext_lazy("Add these areas")

    def do(self, said):
        """Add those that are not there."""
        added = core_actions.add_areas(by=self.request.user, labels=[*said["labels"], *said["file"]])
        return ngettext("%(count)d area is added.", "%(count)d areas are added.", len(added)) % {"count": len(added)}

    def there(self):
        """The areas by name."""
        return named(Area.objects.in_use())


class AddOrganisations(SetUpStep):
    """The first services and organisations."""

    form_class = OrganisationsForm
    title = gettext_lazy("Services and organisations")
    lead = gettext_lazy("Those that will ask families something, or answer them. You can add more on any day.")
    button = gettext_lazy("Add them")

    def do(self, said):
        """Add those that are not there."""
        added = add_organisations(by=self.request.user, bodies=said["lines"])
        words = ngettext("%(count)d organisation is added.", "%(count)d organisations are added.", len(added))
        return words % {"count": len(added)}

    def there(self):
        """The bodies by name."""
        return named(Organisation.objects.filter(closed_on=None))

    def get_context_data(self, **kwargs):
        """With the kinds that can be typed."""
        return super().get_context_data(kinds=[label for _value, label in OrganisationKind.choices], **kwargs)


class PromiseForCouncil(SetUpStep):
    """Somebody promises by name that families get an answer."""

    form_class = PromiseForm
    title = gettext_lazy("The council’s promise to answer")
    lead = gettext_lazy(
        "The council promises to tell families what came of what they said, within 12 weeks of the closing date. "
        "From then on an answer can be late, and everybody sees it."
    )
    button = gettext_lazy("Record the promise")

    def get_initial(self):
        """Who promised, once somebody did by name."""
        council = Organisation.objects.filter(is_keeper=True).first()
        by = council.promise_accepted_by if council else ""
        return {"name": "" if by.endswith(WHEN_SET_UP) else by}

    def do(self, said):
        """Record it."""
        if not Organisation.objects.filter(is_keeper=True).exists():
            raise ValidationError(_("No council keeps this hub yet. “manage.py first_keeper” makes it."))
        actions.promise_for_council(by=self.request.user, name=said["name"], on=today())


class AddKeeper(SetUpStep):
    """Give somebody a role in looking after the hub."""

    permission = Permission.ADD_PEOPLE
    form_class = KeeperForm
    button = gettext_lazy("Add them")
    role: Role

    def body(self) -> Organisation | None:
        """For which body."""
        raise NotImplementedError

    def do(self, said):
        """Add them."""
        body = self.body()
        if body is None:
            raise ValidationError(_("No council keeps this hub yet. “manage.py first_keeper” makes it."))
        membership = add_person(by=self.request.user, organisation=body, role=self.role, on=today(), **said)
        invite(membership, by=self.request.user, on=today())
        words = _("%(person)s can sign in now. An e-mail asks them to, unless they have been here before.")
        return words % {"person": membership.user}


class AddDeputy(AddKeeper):
    """A second person who looks after the hub."""

    role = Role.FIS_MANAGER
    title = gettext_lazy("A second person who looks after the hub")
    lead = gettext_lazy("They can do all that you can. When you are ill or away, somebody still sees what comes in.")

    def body(self):
        """The service of whoever adds them; else the first below the council."""
        theirs = Membership.objects.active().of_fis()
        first = theirs.filter(user=self.request.user).first() or theirs.order_by("pk").first()
        return first.organisation if first else None

    def do(self, said):
        """Somebody else: one person cannot stand in for themselves."""
        if said["email"].casefold() == self.request.user.email.casefold():
            raise ValidationError({"email": [_("This is your own address. Name somebody who can stand in for you.")]})
        return super().do(said)

    def there(self):
        """Who looks after it now."""
        return named(Membership.objects.active().of_fis().select_related("user").order_by("pk"), "user")


class AddSponsor(AddKeeper):
    """A director who stands behind the hub."""

    role = Role.LEAD
    title = gettext_lazy("A director who stands behind it")
    lead = gettext_lazy("When nobody has signed in for 35 days, or an answer stays late, they are told.")

    def body(self):
        """The council."""
        return Organisation.objects.filter(is_keeper=True).first()

    def there(self):
        """Who does it now."""
        return named(Membership.objects.active().of_sponsors().select_related("user").order_by("pk"), "user")


class OpenHub(SetUpStep):
    """Let families in."""

    permission = Permission.OPEN_HUB
    form_class = OpenForm
    template_name = "hub_desk/open.html"
    title = gettext_lazy("Open the hub to the public")
    button = gettext_lazy("Open to the public")
    done = gettext_lazy("The hub is open. Families can read it from now on.")

    def do(self, said):
        """Open it, unless something is missing."""
        actions.open_to_the_public(by=self.request.user, on=today())

    def get_context_data(self, **kwargs):
        """What is missing, and whether it is open already."""
        all_steps = steps()
        return super().get_context_data(
            missing=[each for each in all_steps if each.lacks and not each.is_done],
            left=[each for each in all_steps if not each.lacks and not each.is_done],
            opening=opening(),
            **kwargs,
        )


class CloseHub(SetUpStep):
    """Keep families out for a while."""

    permission = Permission.OPEN_HUB
    form_class = CloseForm
    title = gettext_lazy("Close the hub to the public")
    lead = gettext_lazy("Families see your reason in place of every page. They get no e-mails. Staff go on as before.")
    button = gettext_lazy("Close it")
    done = gettext_lazy("The hub is closed to the public.")

    def do(self, said):
        """Close it."""
        core_actions.close_hub(by=self.request.user, on=today(), reason=said["reason"])


def named(rows, what: str = "") -> str:
    """The rows by name in one sentence, and how many more there are."""
    names = [str(getattr(row, what) if what else row) for row in rows[: MOST_NAMED + 1]]
    if not names:
        return ""
    there = ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        there = _("%(names)s, and more") % {"names": there}
    return _("There already: %(names)s.") % {"names": there}


urlpatterns = [
    path("", SetUp.as_view(), name="setup"),
    path("council/", NameCouncil.as_view(), name="setup-council"),
    path("contact/", SayContact.as_view(), name="setup-contact"),
    path("safeguarding/", SaySafeguarding.as_view(), name="setup-safeguarding"),
    path("privacy/", SayPrivacy.as_view(), name="setup-privacy"),
    path("areas/", AddAreas.as_view(), name="setup-areas"),
    path("organisations/", AddOrganisations.as_view(), name="setup-organisations"),
    path("promise/", PromiseForCouncil.as_view(), name="setup-promise"),
    path("deputy/", AddDeputy.as_view(), name="setup-deputy"),
    path("sponsor/", AddSponsor.as_view(), name="setup-sponsor"),
    path("open/", OpenHub.as_view(), name="setup-open"),
    path("close/", CloseHub.as_view(), name="setup-close"),
]
