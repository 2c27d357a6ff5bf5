"""Lists of toolkits and links that others keep, brought in as what they are: found on another page."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from consultations.imports import RowForm, Slugs, Terms, for_many_rows, name_key, printed_terms, web_address
from core.dates import day_words
from core.imports import (
    READ_ON,
    Cells,
    Change,
    Facts,
    FileRefused,
    Held,
    Importer,
    Rejected,
    by_what_changed,
    one_line,
    register,
    shown,
)
from core.models import HeldFor, Topic
from core.publishing import publish_now
from practice.resources.actions import RESERVED, reference_of
from practice.resources.models import HelpsWith, Reader, Resource, ResourceKind

ALIASES = Path(__file__).with_name("aliases.yaml")


@cache
def _aliases() -> dict[str, dict[str, str]]:
    return yaml.safe_load(ALIASES.read_text(encoding="utf-8"))


@for_many_rows
class ResourceRowForm(RowForm):
    """A row of a list of toolkits, checked like one that somebody types in."""

    title = forms.CharField(max_length=250)
    publisher = forms.CharField(max_length=200)
    url = web_address()
    kind = forms.CharField(max_length=40)
    description = forms.CharField(max_length=2000)
    topics = forms.CharField(max_length=300, required=False)
    audience = forms.CharField(max_length=200, required=False)
    source_url = web_address()
    read_on = forms.DateField(input_formats=["%Y-%m-%d"], required=False)

    def clean_kind(self):
        """One of our kinds, or what the alias file says it is."""
        printed = name_key(self.cleaned_data["kind"])
        kind = _aliases()["kinds"].get(printed, printed)
        if kind not in ResourceKind.values:
            raise forms.ValidationError(
                _("%(found)s is not a kind that we know; use one of: %(known)s")
                % {"found": shown(printed), "known": ", ".join(ResourceKind.values)}
            )
        return kind

    def clean_audience(self):
        """Who it is for, where the file says so."""
        printed = [each.replace(" ", "_") for each in printed_terms(self.cleaned_data["audience"])]
        if unknown := [each for each in printed if each not in Reader.values]:
            raise forms.ValidationError(_("%(found)s is not one of ours") % {"found": shown(", ".join(unknown))})
        return frozenset(printed)


def readers_of(topics: str) -> frozenset[str]:
    """For whom something on these printed topics is, where the file does not say: our classification.

    What is about parent carer forums is for the parents who run them. The rest
    of such lists is for people who work with families.
    """
    forums = {"parent carer forums", "parent panels"}
    return frozenset([Reader.PARENTS if forums.intersection(printed_terms(topics)) else Reader.PRACTITIONERS])


@register
class ResourceImporter(Importer):
    """Rows of toolkits and links. The address tells one from another."""

    kind = "resources"
    columns = ("title", "publisher", "url", "kind", "description", "topics", "source_url")
    optional = ("audience",)

    COLUMNS = {"summary": "description", "helps_with": "topics", "source_topics": "topics", "audiences": "audience"}
    PLAIN = ("title", "publisher", "url", "kind", "summary", "source_url", "source_topics")
    LISTS = ("topics", "helps_with")

    def __init__(self, *, by, today: date, read_on: date):
        super().__init__(by=by, today=today, read_on=read_on)
        if read_on > today:
            words = _("The day the pages were read, %(day)s, has not come yet.")
            raise FileRefused(words % {"day": day_words(read_on, today)})
        self.terms = {
            "topics": Terms("topics", Topic, _aliases()["topics"]),
            "helps_with": Terms("helps_with", HelpsWith, _aliases()["helps_with"]),
        }
        self.here: dict[str, Resource] = {}
        self._titles: dict[tuple[str, str], Resource] = {}
        self._lists: dict[str, dict[int, set[str]]] = {}

    # Judging

    def reference(self, cells: Cells) -> str:
        """The address, without what makes no difference."""
        url = one_line(cells["url"])
        if not url:
            raise Rejected("url", _("the row has no address"))
        reference = reference_of(url if "//" in url else f"https://{url}")
        if not reference:
            raise Rejected("url", _("this is not the address of a web page"))
        return reference

    def look_up(self, rows: dict[str, Cells]) -> None:
        """What has these addresses, or these titles, and its lists."""
        found = Resource.objects.filter(reference__in=list(rows)).order_by("deleted_at").defer("search")
        self.here = {}
        for each in found:  # what is kept sorts before what was thrown away only where there is both
            if each.reference not in self.here or each.deleted_at is None:
                self.here[each.reference] = each
        titles = {one_line(cells["title"]) for cells in rows.values()}
        same = Resource.objects.kept().filter(title__in=titles).defer("search")
        self._titles = {(name_key(each.title), name_key(each.publisher)): each for each in same}
        ids = [each.pk for each in self.here.values()]
        self._lists = {name: defaultdict(set) for name in self.LISTS}
        for name, column in (("topics", "topic"), ("helps_with", "helpswith")) if ids else ():
            through = getattr(Resource, name).through.objects.filter(resource__in=ids)
            for pk, key in through.values_list("resource_id", f"{column}__key"):
                self._lists[name][pk].add(key)

    def facts(self, cells: Cells) -> Facts:
        """What the row says, checked."""
        form = ResourceRowForm(cells)
        if not form.is_valid():
            raise form.problem()
        said = form.cleaned_data
        if (said["read_on"] or self.read_on) > self.today:
            raise Rejected(READ_ON, _("the day the page was read has not come yet"))
        return {
            "title": one_line(said["title"]),
            "publisher": one_line(said["publisher"]),
            "url": said["url"],
            "kind": said["kind"],
            "summary": said["description"],
            "audiences": said["audience"] or readers_of(cells["topics"]),
            "topics": self.terms["topics"].keys(cells["topics"]),
            "helps_with": self.terms["helps_with"].keys(cells["topics"]),
            "source_url": said["source_url"],
            "source_topics": one_line(said["topics"]),
        }

    def why_held(self, cells: Cells, facts: Facts) -> Held | None:
        """The hub lists it already, in words of its own; or one of that name at another address."""
        reference = reference_of(facts["url"])
        here = self.here.get(reference)
        if here is not None and not here.source_url and here.deleted_at is None:
            note = _("%(title)s is listed here already, in words of our own") % {"title": shown(here.title)}
            return Held(HeldFor.POSSIBLE_DUPLICATE, "url", note)
        twin = self._titles.get((name_key(facts["title"]), name_key(facts["publisher"])))
        if here is None and twin is not None:
            note = _("%(title)s is listed at another address, %(url)s")
            note %= {"title": shown(twin.title), "url": shown(twin.url)}
            return Held(HeldFor.POSSIBLE_DUPLICATE, "title", note, twin.reference)
        return None

    def held_facts(self, reference: str) -> Facts | None:
        """What the hub says of it now."""
        here = self.here.get(reference)
        if here is None:
            return None
        plain = {name: getattr(here, name) for name in self.PLAIN}
        lists = {name: frozenset(self._lists[name][here.pk]) for name in self.LISTS}
        return plain | lists | {"audiences": frozenset(here.audiences)}

    def out_of_reach(self, reference: str) -> str:
        """One that was thrown away belongs to the people here."""
        return _("it was thrown away here") if self.here[reference].deleted_at else ""

    def column_of(self, fact: str) -> str:
        """The column that a fact comes from."""
        return self.COLUMNS.get(fact, fact)

    # Writing

    def create(self, changes: list[Change]) -> None:
        """Show new ones to families; each page says that it was found elsewhere."""
        named = self._named(changes)
        slugs = Slugs(list(named.values()), Resource)
        made = []
        for change in changes:
            resource = Resource(
                reference=change.reference, slug=slugs.free_for(named[change.reference]), language="", cost=""
            )
            self._set(resource, change, change.facts)
            publish_now(resource)
            resource.review_by = resource.source_read_on + timedelta(days=settings.CHECK_AGAIN_AFTER_DAYS["resource"])
            made.append(resource)
        Resource.objects.bulk_create(made)
        for name in self.LISTS:
            self._link(name, made, changes)
        self._queue_unknown(changes, seen_before=False)

    def update(self, changes: list[Change]) -> None:
        """Write the facts that changed, and no others."""
        for changed, group in by_what_changed(changes):
            resources = [self.here[change.reference] for change in group]
            for resource, change in zip(resources, group, strict=True):
                self._set(resource, change, changed)
                resource.version += 1
                resource.changed_at = timezone.now()
            plain = changed.difference(self.LISTS)
            Resource.objects.bulk_update(resources, [*plain, "source_read_on", "version", "changed_at"])
            for name in changed.intersection(self.LISTS):
                getattr(Resource, name).through.objects.filter(resource__in=resources).delete()
                self._link(name, resources, group)
        self._queue_unknown(changes, seen_before=True)

    def _named(self, changes: list[Change]) -> dict[str, str]:
        """What the address of each is made of: its title, and more where that is not enough."""
        times = Counter(slugify(change.facts["title"]) for change in changes)
        return {
            change.reference: change.facts["title"]
            if times[slugify(change.facts["title"])] == 1 and slugify(change.facts["title"]) not in RESERVED
            else f"{change.facts['title']} {change.reference}"
            for change in changes
        }

    def _set(self, resource: Resource, change: Change, names) -> None:
        for name in names:
            if name == "audiences":
                resource.audiences = sorted(change.facts[name])
            elif name not in self.LISTS:
                setattr(resource, name, change.facts[name])
        read_on = change.row.cells.get(READ_ON)
        resource.source_read_on = date.fromisoformat(read_on) if read_on else self.read_on

    def _link(self, name: str, resources: list[Resource], changes: list[Change]) -> None:
        through = getattr(Resource, name).through
        column = {"topics": "topic_id", "helps_with": "helpswith_id"}[name]
        ids = self.terms[name].ids
        through.objects.bulk_create(
            through(resource_id=resource.pk, **{column: ids[key]})
            for resource, change in zip(resources, changes, strict=True)
            for key in sorted(change.facts[name])
        )

    def _queue_unknown(self, changes: list[Change], *, seen_before: bool) -> None:
        """Put before a person what is printed as a topic and is in neither of our lists."""
        topics, helps = self.terms["topics"], self.terms["helps_with"]
        cells = [
            "; ".join(term for term in topics.unknown(change.row.cells["topics"]) if helps.unknown(term))
            for change in changes
        ]
        helps.queue(cells, seen_before=seen_before)
