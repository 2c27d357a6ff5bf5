"""`manage.py load_content`: the lists and reminders that a new hub starts with."""

from django.core.management.base import BaseCommand

from hub.content.load import load_content


class Command(BaseCommand):
    """Add whatever default content is missing. Nothing that staff have edited is touched."""

    help = "Adds the default lists (topics, ways to take part, reminders...) that are missing. Safe to run again."

    def handle(self, *args, **options):
        """Add what is missing and say how much."""
        added = load_content()
        words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in added.items() if count)
        self.stdout.write(f"Added {words}." if words else "All default content is there already.")
