"""How dates, texts and addresses are written on pages. Nothing here knows a model."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from core import dates, markdown as texts

register = template.Library()


def _as_day(value):
    """A day in the UK, from a date or a moment."""
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: date | None) -> str:
    """ "Friday 8 April", with the year when it is not this year. Nothing for no date."""
    return dates.day_words(_as_day(value)) if value else ""


@register.filter
def short_day(value: date | None) -> str:
    """ "8 April", with the year when it is not this year. Nothing for no date."""
    return dates.short_day_words(_as_day(value)) if value else ""


@register.filter
def time_of_day(value) -> str:
    """ "noon", "5pm", "11:59pm". Nothing for no time."""
    return dates.time_words(value) if value is not None else ""


@register.simple_tag
def day_range(opens, closes) -> str:
    """From when to when, in words; either end may be missing."""
    return dates.day_range_words(_as_day(opens), _as_day(closes))


@register.filter
def markdown(text) -> str:
    """What somebody wrote in Markdown, as safe HTML."""
    return texts.render(text or "")


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """The page's own query string with some parameters replaced: `{% query page=2 %}`.

    None or "" takes a parameter out, and a list gives it several values. A
    change of anything but the page goes back to the first page. The answer
    starts with "?", also when nothing is left, so that it is always a link.
    """
    parameters = context["request"].GET.copy()
    if "page" not in changes:
        parameters.pop("page", None)
    for name, value in changes.items():
        _set(parameters, name, value)
    return f"?{parameters.urlencode()}"


@register.simple_tag(takes_context=True)
def query_without(context, name, value) -> str:
    """The page's query string without one value of a parameter: the link of a chip that removes a filter."""
    parameters = context["request"].GET.copy()
    parameters.pop("page", None)
    _set(parameters, name, [each for each in parameters.getlist(name) if each != str(value)])
    return f"?{parameters.urlencode()}"


@register.simple_tag
def page_numbers(number: int, num_pages: int) -> list[int | None]:
    """The pages worth a link: the first, the last, this one and its neighbours; None where some are left out."""
    shown = sorted({1, num_pages, *range(max(1, number - 1), min(num_pages, number + 1) + 1)})
    numbers: list[int | None] = []
    for each in shown:
        if numbers and each - (numbers[-1] or each) == 2:
            numbers.append(each - 1)
        elif numbers and numbers[-1] and each - numbers[-1] > 2:
            numbers.append(None)
        numbers.append(each)
    return numbers


def _set(parameters, name, value):
    values = value if isinstance(value, (list, tuple)) else [value]
    values = [str(each) for each in values if each not in (None, "")]
    if values:
        parameters.setlist(name, values)
    else:
        parameters.pop(name, None)


@register.filter
def times(count: int) -> range:
    """Something to loop over `count` times."""
    return range(int(count or 0))
