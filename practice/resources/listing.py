"""A toolkit or link in the words its page and its card show."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import day_words, short_day_words
from core.freshness import not_checked_words
from practice.resources.models import Cost, Reader, Resource, ResourceFormat


@dataclass(frozen=True)
class Fact:
    """One line of the box: a question and its answer."""

    question: str
    words: str


class ResourceListing:
    """A toolkit or link that was read `for_cards`, on a day."""

    def __init__(self, resource: Resource, today: date):
        self.resource, self.today = resource, today

    # Its link

    @property
    def is_broken(self) -> bool:
        """Whether its link does not work: nobody is sent there."""
        return self.resource.link_broken_since is not None

    @cached_property
    def tried_on(self) -> date | None:
        """The UK day on which the link was last tried."""
        at = self.resource.link_tried_at
        return timezone.localdate(at) if at else None

    @property
    def link_words(self) -> str:
        """Whether the link works, and when it was last tried."""
        if self.tried_on is None:
            return _("Link not checked yet")
        said = {"day": short_day_words(self.tried_on, self.today)}
        if self.is_broken:
            return _("Link does not work, checked %(day)s") % said
        if self.resource.link_bad_days:
            return _("Link did not open on %(day)s. We will try again") % said
        return _("Link works, checked %(day)s") % said

    @property
    def is_link_doubtful(self) -> bool:
        """Whether it failed when it was last tried, and is not given up yet."""
        return bool(self.resource.link_bad_days) and not self.is_broken

    # What it is

    @property
    def readers(self) -> list[str]:
        """Who it is for, in the order of the list."""
        return [str(reader.label) for reader in Reader if reader.value in self.resource.audiences]

    @property
    def facts(self) -> list[str]:
        """The few words below a card's title."""
        resource = self.resource
        found = [resource.publisher, ", ".join(self.readers)]
        if resource.format:
            found.append(str(ResourceFormat(resource.format).label))
        if resource.cost:
            found.append(str(Cost(resource.cost).label))
        if resource.language and resource.language != "English":
            found.append(resource.language)
        return [each for each in found if each]

    @property
    def box(self) -> list[Fact]:
        """The box of its page. What is not known is not there, but for the cost: people ask."""
        resource = self.resource
        facts = [
            (_("Who made it"), resource.publisher),
            (_("Who it is for"), ", ".join(self.readers)),
            (_("Kind"), resource.get_kind_display()),
            (_("Format"), str(ResourceFormat(resource.format).label) if resource.format else ""),
            (_("Language"), resource.language),
            (_("Cost"), str(Cost(resource.cost).label)),
            (_("When it was made"), resource.dated),
        ]
        return [Fact(question, words) for question, words in facts if words]

    @property
    def checked_words(self) -> str:
        """When a person last looked at it; empty when nobody has."""
        if self.resource.checked_on is None:
            return ""
        return _("We last looked at this on %(day)s.") % {"day": day_words(self.resource.checked_on, self.today)}

    @property
    def not_checked_words(self) -> str:
        """That nobody has looked at it lately."""
        return not_checked_words(self.resource, self.today)

    # What people say of it

    @property
    def useful_words(self) -> str:
        """How many found it useful; empty while they are few."""
        votes = getattr(self.resource, "votes", None)
        shown = votes.shown if votes else 0
        if not shown:
            return ""
        words = ngettext("%(count)s person found this useful", "%(count)s people found this useful", shown)
        return words % {"count": f"{shown:,}"}


def cards(resources, today: date) -> list[ResourceListing]:
    """Each as a card."""
    return [ResourceListing(each, today) for each in resources]
