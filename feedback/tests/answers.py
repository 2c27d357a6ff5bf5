"""A complete answer for tests, as the actions take it and as the page of the answer posts it."""

from consultations.tests.factories import days
from feedback.models import AnswerState

CHECKS = {name: "on" for name in ("named", "every_theme", "no_is_explained", "dates", "told")}


def facts(**changed) -> dict:
    """The fields of a full answer."""
    return {
        "in_short": "You asked for one phone number. It opens next month.",
        "we_asked": "How to run the booking line.",
        "total": 318,
        "total_is_few": False,
        "by_method": [],
        "who": "Parent carers from all districts.",
        "missing": "We heard from few dads. We will visit two groups.",
        "decided_by": "Cabinet",
        "decided_on": days(-3),
        "record_url": "",
        "link_to_views": "The line opens until 6pm because parents asked.",
        "what_next": "The line opens next month.",
        "contact_name": "Short breaks lead",
        "contact_phone": "01632 960 114",
        "contact_email": "short.breaks@example.org",
        "formats": "Easy read on request.",
        "was_stopped": False,
    } | changed


def theme(**changed) -> dict:
    """A point with the answer "Done"."""
    return {
        "theme": "Waiting times",
        "you_said": "Nobody tells us how long the wait is.",
        "how_many": "about half",
        "quote": "",
        "answer": AnswerState.DONE,
        "we_did": "Your place in the queue is in each letter.",
        "owner_role": "",
        "due_on": None,
        "done_on": days(-9),
        "what_changed": "Every letter says your place.",
        "next_update_on": None,
        "body": "",
        "body_contact": "",
        "passed_on": None,
    } | changed


def promise(**changed) -> dict:
    """A point with the answer "Promised"."""
    return (
        theme(
            theme="One phone number",
            answer=AnswerState.WILL_DO,
            we_did="One number, open until 6pm.",
            owner_role="Therapies manager",
            due_on=days(30),
            done_on=None,
            what_changed="",
        )
        | changed
    )


def undecided(**changed) -> dict:
    """A point with the answer "Not decided"."""
    return (
        theme(
            theme="Therapy in school",
            answer=AnswerState.DECIDING,
            we_did="Two schools are trying it.",
            next_update_on=days(60),
            done_on=None,
            what_changed="",
        )
        | changed
    )


def posted(*themes: dict, version: int = 0, do: str = "save", **changed) -> dict:
    """The page of the answer as a browser posts it."""
    data = {"version": version, "kind": "full", "do": do, "themes-rows": len(themes), "ways-rows": 0}
    said = facts(**changed)
    few = said.pop("total_is_few")
    data["total"] = "fewer than 5" if few else str(said.pop("total"))
    for place, each in enumerate(themes):
        said |= {f"themes-{place}-{name}": value for name, value in each.items()}
    for name, value in said.items():
        if name.endswith("_on"):
            parts = [value.day, value.month, value.year] if value else ["", "", ""]
            data |= {f"{name}_{part}": text for part, text in zip(("day", "month", "year"), parts, strict=True)}
        elif value is True:
            data[name] = "on"
        elif value not in (False, None) and not isinstance(value, list):
            data[name] = value
    return data
