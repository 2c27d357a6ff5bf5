"""The tips that ship with the hub, beside the steps of writing a consultation."""

from functools import lru_cache

from consultations.writing.ready import checklist
from core.tips import Tip, register_shipped


@lru_cache(maxsize=1)
def shipped() -> dict[str, list[Tip]]:
    """The tips of the checklist, by place."""
    return {f"step:{key}": [Tip(text) for text in texts] for key, texts in checklist()["tips"].items()}


def register_tips() -> None:
    """Called when the app is ready."""
    register_shipped("consultations", shipped)
