"""What is done with parents' stories and their permission: each is one transaction, labelled without their words."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.rules import is_superuser
from consultations.writing.rules import small_team
from core import history
from core.publishing import Conflict, publish_now
from feedback.comments.models import new_reference
from practice.stories.models import ParentStory, StoryConsent, standing_consents


def free_address() -> str:
    """An address that no other story has. It is chance: its words would outlive those of a story that is taken back."""
    while True:
        address = new_reference().lower()
        if not ParentStory.objects.filter(slug=address).exists():
            return address


@transaction.atomic
def save_story(
    story: ParentStory, *, by, facts: dict, topics: Iterable, version: int | None = None
) -> tuple[ParentStory, bool]:
    """Write a story down, new or changed. Whether an agreement to its text ended with that.

    Raises Conflict when it was changed since `version`, ValidationError naming
    every field that does not fit.
    """
    is_new = story.pk is None
    if not is_new:
        story = _locked(story)
        if version is not None and version != story.version:
            raise Conflict
        story.version += 1
    mark = story.text_mark if not is_new else ""
    for name, value in facts.items():
        setattr(story, name, value)
    story.slug = story.slug or free_address()
    story.full_clean()
    with history.label(by=by, did="wrote a parent’s story down" if is_new else "changed a parent’s story"):
        story.save()
        story.topics.set(topics)
    story.refresh_from_db(fields=["text_mark"])
    ended = bool(mark) and mark != story.text_mark and story.consents.filter(agreed_text=mark).exists()
    return story, ended


@transaction.atomic
def record_consent(story: ParentStory, *, by, facts: dict) -> StoryConsent:
    """Write down a parent's permission, for the text as it stands if they have agreed to it.

    An earlier one of the same story makes way: only the newest counts. Raises ValidationError.
    """
    story = _locked(story)
    consent = StoryConsent(story=story, recorded_by=by, **facts)
    consent.agreed_text = story.text_mark if consent.final_text_seen else ""
    if consent.final_text_seen and not story.text.strip():
        raise ValidationError({"final_text_seen": [_("There is no story yet that they could have agreed to")]})
    with history.label(by=by, did="recorded a parent’s permission"):
        consent.full_clean(exclude=["agreed_text"])
        story.consents.filter(withdrawn_on=None).delete()
        consent.save()
    return consent


def lacks(story: ParentStory, on: date) -> list[str]:
    """What stands between a story and its readers on a day; empty when nothing does."""
    found = []
    if not story.text.strip():
        found.append(_("Write the story down."))
    if not story.display_name.strip():
        found.append(_("Say which name to show."))
    consent = story.consents.filter(withdrawn_on=None).first()
    if consent is None:
        return [*found, _("Record the parent’s permission.")]
    if not consent.final_text_seen:
        found.append(_("The parent has not agreed the final text yet."))
    elif consent.agreed_text != story.text_mark:
        found.append(_("The text was changed since the parent agreed to it. Ask them again."))
    if "this_hub" not in consent.uses:
        found.append(_("The parent has not agreed to this site."))
    if not found and not _may_be_read(story, on):
        found.append(_("The parent’s permission is not in date. Ask them again."))
    return found


def _may_be_read(story: ParentStory, on: date) -> bool:
    return ParentStory.objects.filter(Exists(standing_consents(on)), pk=story.pk).exists()


@transaction.atomic
def send_to_be_checked(story: ParentStory, *, by, on: date, now: datetime) -> None:
    """Ask the Family Information Service to publish it. Raises ValidationError naming what is missing."""
    story = _locked(story)
    if lacking := lacks(story, on):
        raise ValidationError(lacking)
    story.submitted_at, story.returned_at, story.returned_reason, story.sent_by = now, None, "", by
    with history.label(by=by, did="sent a parent’s story to be checked"):
        story.save()


@transaction.atomic
def send_back(story: ParentStory, *, by, reason: str, now: datetime) -> None:
    """Send it back to whoever wrote it down, and say what to change."""
    story = _locked(story)
    if not story.submitted_at or story.published_at:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    if not reason.strip():
        raise ValidationError({"reason": [_("Say what to change.")]})
    story.submitted_at, story.returned_at, story.returned_reason = None, now, reason.strip()
    with history.label(by=by, did="sent a parent’s story back"):
        story.save()


@transaction.atomic
def publish_story(story: ParentStory, *, by, on: date) -> None:
    """Let families read it. Raises ValidationError naming everything that is missing (DESIGN rule 14).

    Nobody publishes what they wrote down themselves, unless the team is small:
    somebody else sees first whether it shows whose child it is.
    """
    story = _locked(story)
    if lacking := lacks(story, on):
        raise ValidationError(lacking)
    wrote_it = by.pk in (story.sent_by_id, story.owner.user_id if story.owner else None)
    if wrote_it and not is_superuser(by) and not small_team():
        raise ValidationError(_("You wrote it down yourself. Somebody else has to read it first."))
    publish_now(story)
    story.returned_at, story.returned_reason = None, ""
    with history.label(by=by, did="published a parent’s story"):
        story.full_clean()
        story.save()


@transaction.atomic
def take_off(story: ParentStory, *, by, now: datetime) -> None:
    """Take it off every page; the permission stays, and it can be published again."""
    story = _locked(story)
    story.archived_at = now
    with history.label(by=by, did="took a parent’s story off the site"):
        story.save()


@transaction.atomic
def withdraw(story: ParentStory, *, by, on: date, now: datetime) -> None:
    """The parent takes their permission back: it is gone from everywhere at once, and its words with it.

    What stays is that there was a permission, and from when to when.
    """
    story = ParentStory.objects.select_for_update(of=("self",)).get(pk=story.pk)
    with history.label(by=by, did="took a parent’s story off because they took their permission back"):
        story.consents.filter(withdrawn_on=None).update(
            withdrawn_on=on, storyteller_ref="", email="", child_view="", others_view=""
        )
        _erase_words(ParentStory.objects.filter(pk=story.pk), now)


def _erase_words(stories: QuerySet[ParentStory], now: datetime) -> int:
    return stories.update(
        title=_("A story that was removed"),
        display_name="",
        text="",
        what_changed="",
        returned_reason="",
        archived_at=now,
        erased_at=now,
    )


@transaction.atomic
def forget_stories(rows: QuerySet[ParentStory], *, by, on: date, now: datetime, did: str) -> int:
    """Erase the words of some stories and who told them. How many those were."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    nobody = {"storyteller_ref": "", "email": "", "child_view": "", "others_view": ""}
    with history.label(by=by, did=did):
        StoryConsent.objects.filter(story__in=ids, withdrawn_on=None).update(withdrawn_on=on, **nobody)
        return _erase_words(ParentStory.objects.filter(pk__in=ids), now)


def over_since(day: date) -> QuerySet[ParentStory]:
    """Stories whose permission ran out on a day or before, and that have words left."""
    newer = StoryConsent.objects.filter(Q(expires_on__gt=day), withdrawn_on=None)
    ended = ParentStory.objects.filter(erased_at=None, consents__expires_on__lte=day)
    return ended.exclude(pk__in=newer.values("story")).distinct()


def _locked(story: ParentStory) -> ParentStory:
    story = ParentStory.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if story.erased_at:
        raise ValidationError(_("This story was removed. Nothing of it is left to change."))
    return story
