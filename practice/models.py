"""Tables of what worked and what helps: each folder of the app has its own."""

from practice.resources.models import HelpsWith, Resource, Suggestion, Votes

__all__ = ["HelpsWith", "Resource", "Suggestion", "Votes"]
