"""`manage.py load_demo`: the invented county of Westmarch, for an empty hub."""

from django.core.management.base import BaseCommand, CommandError

from core.dates import today
from hub.demo.load import NotEmpty, load


class Command(BaseCommand):
    """Load the demo county into an empty hub and print the accounts to try it with."""

    help = "Loads the demo county of Westmarch into an empty hub, with dates around today."

    def add_arguments(self, parser):
        """`--if-empty` is for scripts that run at every start."""
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when the hub is not empty.")

    def handle(self, *args, **options):
        """Load it, or say why not."""
        try:
            sign_ins = load(on=today())
        except NotEmpty:
            if options["if_empty"]:
                return
            raise CommandError(
                "This hub is not empty, so the demo was not loaded. Load it into a new, empty database."
            ) from None
        for sign_in in sign_ins:
            self.stdout.write(f"{sign_in.role}: {sign_in.address} {sign_in.password}")
