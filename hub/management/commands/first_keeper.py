"""`manage.py first_keeper ADDRESS`: the first person who can sign in to an empty hub."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from accounts.actions import add_membership, add_organisation
from accounts.models import Membership, Organisation, OrganisationKind, Role, User
from consultations.actions import join_promise
from core.actions import shut_new_hub
from core.dates import today
from core.facts import facts
from core.opening import opening
from hub.setting_up import WHEN_SET_UP


class Command(BaseCommand):
    """Make the first manager of the Family Information Service, and print a link that signs them in once."""

    help = "Makes the first Family Information Service manager of an empty hub and prints a one-time sign-in link."

    def add_arguments(self, parser):
        """The manager's e-mail address."""
        parser.add_argument("address", help="The manager's e-mail address.")

    def handle(self, *args, address, **options):
        """Make the council, its service and its manager, or say why not."""
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"“{address}” is not an e-mail address.") from None
        with transaction.atomic():
            if Membership.objects.active().filter(role=Role.FIS_MANAGER).exists():
                raise CommandError(
                    "This hub has a Family Information Service manager already. "
                    "Ask that person to give you a role, or to sign in and choose a new password."
                )
            if not Organisation.objects.exists():
                shut_new_hub(on=today())
            manager = User.objects.filter(email=address.lower()).first() or User.objects.create_user(address)
            service = family_information_service(keeper_council(by=manager), by=manager)
            add_membership(
                by=manager,
                user=manager,
                organisation=service,
                role=Role.FIS_MANAGER,
                job_title="Family Information Service manager",
                on=today(),
            )
        self.stdout.write(f"{service} of {service.parent} is looked after by {manager.email}.")
        self.stdout.write(
            f"Open this link within three days to choose a password. It works once:\n{sign_in_link(manager)}"
        )
        if not opening().is_open:
            self.stdout.write(
                "Families see nothing of the hub yet. What is left to do, and the button that opens it, are at "
                f"{settings.HUB_BASE_URL}{reverse('setup')}"
            )


def keeper_council(*, by) -> Organisation:
    """The council whose hub it is. It joins the promise at set-up (DESIGN rule 2)."""
    council = Organisation.objects.filter(is_keeper=True).first()
    if council is None:
        # An import may have brought the council in before anybody looked after the hub.
        council = Organisation.objects.filter(name=facts().council_name, parent=None).first()
        if council is None:
            council = add_organisation(by=by, name=facts().council_name, kind=OrganisationKind.COUNCIL)
        council.is_keeper = True
        council.save(update_fields=["is_keeper", "changed_at"])
    if council.promise_holder() is None:
        join_promise(council, by=by, name=f"{council.name}, {WHEN_SET_UP}", on=today())
    return council


def family_information_service(council: Organisation, *, by) -> Organisation:
    """The service that looks after the hub, below the council."""
    service = Organisation.objects.filter(name=facts().fis_name, parent=council).first()
    return service or add_organisation(
        by=by,
        name=facts().fis_name,
        kind=OrganisationKind.COUNCIL_SERVICE,
        parent=council,
        mailbox=facts().fis_email,
        phone=facts().fis_phone,
    )


def sign_in_link(user: User) -> str:
    """A signed, timed link to choose a password; once a password is chosen it is worth nothing."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
    return f"{settings.HUB_BASE_URL}{path}"
