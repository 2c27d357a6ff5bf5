"""The tips that ship with the hub, beside the pages of writing an event."""

from functools import lru_cache
from pathlib import Path

import yaml

from core.tips import Tip, register_shipped


@lru_cache(maxsize=1)
def shipped() -> dict[str, list[Tip]]:
    """The tips of tips.yaml, by place."""
    found = yaml.safe_load((Path(__file__).parent / "tips.yaml").read_text("utf-8"))
    return {f"event:{key}": [Tip(text) for text in texts] for key, texts in found.items()}


def register_tips() -> None:
    """Called when the app is ready."""
    register_shipped("events", shipped)
