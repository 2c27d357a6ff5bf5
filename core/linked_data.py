"""Facts for search engines and assistants, as JSON-LD in the words of schema.org, in the head of a page.

It is data and no script: browsers do not run it, so the Content-Security-Policy
has nothing to say about it.
"""

import json
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

# What could end the element, or begin a comment in it, is written as JSON writes any character.
_ESCAPED = {ord(each): f"\\u{ord(each):04X}" for each in "<>&\u2028\u2029"}


def element(facts: dict[str, Any]) -> SafeString:
    """The facts as an element for the head of a page. Empty ones are left out. Dates and moments are written as ISO."""
    text = json.dumps(
        {"@context": "https://schema.org"} | said(facts), cls=DjangoJSONEncoder, ensure_ascii=False
    ).translate(_ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


def said(facts: Any) -> Any:
    """The facts without those that say nothing, at every depth. False and 0 say something."""
    if isinstance(facts, dict):
        return {name: said(fact) for name, fact in facts.items() if fact not in (None, "", [], {}, ())}
    if isinstance(facts, (list, tuple)):
        return [said(fact) for fact in facts]
    return facts


def whole(address: str) -> str:
    """An address of the hub with its host: whoever reads the facts has no page to start from."""
    return settings.HUB_BASE_URL + address
