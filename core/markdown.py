"""Text that people write, shown safely. Stored as written, rendered when shown."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"breaks": True, "html": False, "linkify": False}).enable("table")
_TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "h3",
    "h4",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "hr",
}


def render(text: str) -> SafeString:
    """The HTML of `text`, written in Markdown; anything unsafe is left out.

    Headings start at level 3, below the page's own. Besides
    core.linked_data, this is the only place that marks text as safe.
    """
    html = _PARSER.render(text)
    for level in ("1", "2"):
        html = html.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    return mark_safe(
        nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})
    )
