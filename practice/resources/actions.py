"""What is done with toolkits and links, and with what the public suggests: each is one transaction."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import history
from core.fetching import NoAnswer, look
from core.freshness import looked_at
from core.pasts import put_back_words
from core.publishing import Conflict, publish_now
from core.values import put_list_back
from practice.resources.models import HelpsWith, Resource, Suggestion, Votes

# For so many days something that was thrown away can be brought back.
UNDO_FOR = timedelta(days=30)
# Words of addresses that are no toolkit's own.
RESERVED = frozenset({"suggest", "new", "suggestions"})
STARTERS = Path(__file__).with_name("starters.yaml")
# Seconds that a suggested site may take to answer.
PATIENCE = 10.0
LISTS = ("topics", "helps_with")


def reference_of(url: str) -> str:
    """An address without what makes no difference: two ways of writing one address give the same."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    plain = f"{host}{parts.path.rstrip('/')}{'?' if parts.query else ''}{parts.query}"
    if len(plain) <= 200:
        return plain
    return f"{plain[:180]}-{hashlib.sha256(plain.encode()).hexdigest()[:16]}"


def free_address(title: str) -> str:
    """An address for a title that no other toolkit or link has."""
    plain = slugify(title)[:100].strip("-") or "resource"
    taken = set(Resource.objects.filter(slug__startswith=plain).values_list("slug", flat=True)) | RESERVED
    return next(each for each in chain([plain], (f"{plain}-{number}" for number in count(2))) if each not in taken)


@transaction.atomic
def save_resource(
    resource: Resource,
    *,
    by,
    on: date,
    facts: dict,
    lists: dict[str, Iterable] | None = None,
    version: int | None = None,
    did: str = "",
) -> Resource:
    """Write a toolkit or link down, new or changed; `facts` are its fields, `lists` the rows of its lists by name.

    `version` is the one that the person had before them. Raises Conflict when
    it was changed since, and ValidationError naming every field that does not fit.
    """
    is_new = resource.pk is None
    if not is_new:
        resource = _locked(resource)
        if version is not None and version != resource.version:
            raise Conflict
        resource.version += 1
    for name, value in facts.items():
        setattr(resource, name, value)
    resource.reference = reference_of(resource.url)
    resource.slug = resource.slug or free_address(resource.title)
    other = Resource.objects.kept().filter(reference=resource.reference).exclude(pk=resource.pk).first()
    if other is not None:
        raise ValidationError({"url": [_("This address is listed already: %(title)s") % {"title": other.title}]})
    if resource.is_published:
        # Whoever changes it has looked at it.
        looked_at(resource, "resource", on=on)
    resource.full_clean()
    with history.label(by=by, did=did or ("added the toolkit or link" if is_new else "changed the toolkit or link")):
        resource.save()
        for name, rows in (lists or {}).items():
            getattr(resource, name).set(rows)
    return resource


@transaction.atomic
def send_to_be_checked(resource: Resource, *, by, now: datetime) -> None:
    """Ask the Family Information Service to let it through. Raises ValidationError naming what is missing."""
    resource = _locked(resource)
    if resource.published_at:
        raise ValidationError(_("Families see it already."))
    if lacking := missing(resource):
        raise ValidationError(lacking)
    resource.submitted_at, resource.returned_at, resource.returned_reason = now, None, ""
    resource.sent_by = by
    with history.label(by=by, did="sent it to be checked"):
        resource.save()


def missing(resource: Resource) -> list[str]:
    """What it lacks before families can see it."""
    lacking = []
    if not resource.summary.strip():
        lacking.append(_("Say what it is"))
    if not resource.publisher.strip():
        lacking.append(_("Say who made it"))
    if not resource.audiences:
        lacking.append(_("Say who it is for"))
    return lacking


@transaction.atomic
def publish_resource(resource: Resource, *, by, on: date) -> None:
    """Show it to families, for the first time or again. Raises ValidationError naming everything that is missing."""
    resource = _locked(resource)
    if lacking := missing(resource):
        raise ValidationError(lacking)
    publish_now(resource)
    resource.returned_at, resource.returned_reason = None, ""
    looked_at(resource, "resource", on=on)
    with history.label(by=by, did="showed it to families"):
        resource.full_clean()
        resource.save()


@transaction.atomic
def send_back(resource: Resource, *, by, reason: str, now: datetime) -> None:
    """Send it back to whoever put it forward, and say what to change."""
    resource = _locked(resource)
    if not resource.submitted_at or resource.published_at:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    if not reason.strip():
        raise ValidationError({"reason": [_("Say what to change.")]})
    resource.submitted_at, resource.returned_at, resource.returned_reason = None, now, reason.strip()
    with history.label(by=by, did="sent it back"):
        resource.save()


@transaction.atomic
def archive_resource(resource: Resource, *, by, now: datetime) -> None:
    """Take it off every public page until somebody shows it again. Nothing of it is lost."""
    resource = _locked(resource)
    resource.archived_at = now
    with history.label(by=by, did="took it off the site"):
        resource.save()


@transaction.atomic
def throw_away(resource: Resource, *, by, now: datetime) -> None:
    """Throw it away. For 30 days it can be brought back."""
    resource = _locked(resource)
    resource.deleted_at = now
    with history.label(by=by, did="threw it away"):
        resource.save()


@transaction.atomic
def bring_back(resource: Resource, *, by, now: datetime) -> None:
    """Take it out of the bin, as it was. Raises ValidationError after 30 days, or when its address is listed anew."""
    resource = Resource.objects.select_for_update(of=("self",)).get(pk=resource.pk)
    if resource.deleted_at is None:
        raise ValidationError(_("It is not in the bin."))
    if now - resource.deleted_at > UNDO_FOR:
        raise ValidationError(_("It was thrown away more than 30 days ago."))
    resource.deleted_at = None
    with history.label(by=by, did="brought it back"):
        resource.full_clean()
        resource.save()


# What may be put back to how it stood: when it was published is not here.
PUT_BACK = (
    *("title", "summary", "kind", "publisher", "url", "format", "language", "cost", "dated", "source_url"),
    "review_by",
    *Resource.tracked_lists,
)


@transaction.atomic
def put_resource_back(resource: Resource, *, by, on: date, facts: dict, version: int) -> None:
    """Put some fields and lists back to how they stood; `version` is the one looked at.

    `facts` are their values, by column or by list.
    """
    lists = {name: items for name, items in facts.items() if name in Resource.tracked_lists}
    columns = {name: value for name, value in facts.items() if name not in lists}
    did = put_back_words(Resource, facts)
    with history.label(by=by, did=did):
        resource = save_resource(resource, by=by, on=on, facts=columns, version=version, did=did)
        for name, items in lists.items():
            put_list_back(resource, name, items)


def _locked(resource: Resource) -> Resource:
    return Resource.objects.kept().select_for_update(of=("self",)).get(pk=resource.pk)


# --- What the public says


@transaction.atomic
def count_answer(resource: Resource, *, useful: bool) -> None:
    """Count one answer to "Is this useful?". Nothing is kept of who gave it."""
    name = "useful" if useful else "not_useful"
    Votes.objects.get_or_create(resource=resource)
    Votes.objects.filter(resource=resource).update(**{name: F(name) + 1})


@transaction.atomic
def suggest(*, url: str, title: str, why: str, now: datetime) -> Suggestion:
    """Keep an address that somebody suggests, for a person to look at. The same one again only counts."""
    reference = reference_of(url)
    made, is_new = Suggestion.objects.select_for_update().get_or_create(
        reference=reference, decided_at=None, defaults={"url": url, "title": title, "why": why, "made_at": now}
    )
    if not is_new:
        made.times = F("times") + 1
        made.save(update_fields=["times"])
        made.refresh_from_db()
    return made


def listed_already(url: str) -> Resource | None:
    """What families can read about this address already."""
    return Resource.objects.published().filter(reference=reference_of(url)).only("title", "slug").first()


def try_suggestion(suggestion: Suggestion, *, now: datetime) -> None:
    """See whether there is a page at a suggested address, for whoever decides. Only public sites are asked."""
    code, fault = None, ""
    try:
        code = look(suggestion.url, longest=PATIENCE).code
    except NoAnswer as refused:
        fault = refused.why
    Suggestion.objects.waiting().filter(pk=suggestion.pk).update(tried_at=now, code=code, fault=fault)


@transaction.atomic
def accept(suggestion: Suggestion, *, by, on: date, now: datetime, facts: dict, lists: dict, publish: bool) -> Resource:
    """Make a toolkit or link of a suggestion, as the person filled it in; at once before families, or as a draft."""
    suggestion = _undecided(suggestion)
    resource = save_resource(Resource(), by=by, on=on, facts=facts, lists=lists, did="added it from a suggestion")
    if publish:
        publish_resource(resource, by=by, on=on)
    _decide(suggestion, by=by, now=now, resource=resource)
    return resource


@transaction.atomic
def decline(suggestion: Suggestion, *, by, reason: str, now: datetime) -> None:
    """Say why a suggestion is not listed. Only colleagues read the reason: nobody knows who suggested it."""
    suggestion = _undecided(suggestion)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why not. Only colleagues read it.")]})
    _decide(suggestion, by=by, now=now, declined_reason=reason.strip())


@transaction.atomic
def take_up_again(suggestion: Suggestion, *, by) -> None:
    """A declined suggestion waits again. Raises ValidationError when its address was suggested anew meanwhile."""
    suggestion = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if not suggestion.declined_reason:
        raise ValidationError(_("It was not declined."))
    suggestion.decided_at, suggestion.decided_by, suggestion.declined_reason = None, None, ""
    suggestion.full_clean()
    suggestion.save()


def _undecided(suggestion: Suggestion) -> Suggestion:
    suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion.pk)
    if suggestion.decided_at:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    return suggestion


def _decide(suggestion: Suggestion, *, by, now: datetime, **facts) -> None:
    """Write the decision down. What somebody wrote beside the address goes."""
    for name, value in facts.items():
        setattr(suggestion, name, value)
    suggestion.decided_at, suggestion.decided_by, suggestion.why = now, by, ""
    suggestion.save()


# --- What every hub starts with


@transaction.atomic
def load_starters(*, on: date) -> int:
    """Add the toolkits and links that every hub starts with, and say how many.

    One that is there keeps what staff made of it, and one that they threw away stays thrown away.
    """
    there = set(Resource.objects.values_list("reference", flat=True))
    terms = dict(HelpsWith.objects.values_list("key", "pk"))
    made, helps = [], []
    for written in yaml.safe_load(STARTERS.read_text(encoding="utf-8")):
        facts = dict(written)
        keys = facts.pop("helps_with")
        resource = Resource(**facts, reference=reference_of(facts["url"]))
        if resource.reference in there:
            continue
        resource.slug = free_address(resource.title)
        publish_now(resource)
        looked_at(resource, "resource", on=on)
        made.append(resource)
        helps.append([terms[key] for key in keys if key in terms])
    with history.label(by=None, did="added what every hub starts with"):
        Resource.objects.bulk_create(made)
    through = Resource.helps_with.through
    through.objects.bulk_create(
        through(resource=resource, helpswith_id=pk) for resource, ids in zip(made, helps, strict=True) for pk in ids
    )
    return len(made)
