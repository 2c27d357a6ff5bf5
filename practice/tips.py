"""Tips from published examples, beside the steps of writing a consultation that they help with."""

from collections import defaultdict

from django.utils.translation import gettext as _

from consultations.writing.forms import STEPS
from consultations.writing.ready import checklist
from core import tips
from core.versions import cached
from practice.models import PracticeExample, Tip


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a tip can help with, in words: the steps of writing a consultation, and the questions before it goes out."""
    steps = [(f"step:{step.key}", str(step.title)) for step in STEPS.values()]
    questions = [
        (f"ready:{question['key']}", question["label"])
        for group in checklist()["groups"]
        for question in group["questions"]
    ]
    return [(_("A step of writing a consultation"), steps), (_("A question of “Ready to ask?”"), questions)]


def words_of_place(place: str) -> str:
    """What a tip helps with, in words."""
    return next((words for _title, those in places() for key, words in those if key == place), place)


def given() -> dict[str, list[tips.Tip]]:
    """The tips of published examples, by place, the newest example first. One query for each content version."""
    return cached("practice.tips", (), _read)


def _read() -> dict[str, list[tips.Tip]]:
    found: dict[str, list[tips.Tip]] = defaultdict(list)
    published = PracticeExample.objects.published().ours()
    rows = (
        Tip.objects.filter(example__in=published.values("pk"))
        .select_related("example__organisation")
        .defer("example__search")
    )
    for tip in rows.order_by("-example__published_at", "example", "position"):
        own = tip.example
        found[tip.place].append(tips.Tip(tip.text, own.organisation.name, own.get_absolute_url()))
    return dict(found)


def register_tips() -> None:
    """Called when the app is ready."""
    tips.register_given("practice", given)
