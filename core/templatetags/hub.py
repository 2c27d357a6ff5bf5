"""How dates, texts and addresses are written on pages. Nothing here knows a model."""

from datetime import date, datetime

from django import template
from django.forms import widgets
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core import dates, forms, linked_data
from core import markdown as texts

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
def moment(value: datetime | None) -> str:
    """ "Friday 8 April, 1:05pm", by the UK clock. Nothing for no moment."""
    return dates.moment_words(value) if value else ""


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


@register.simple_tag(name="linked_data")
def linked_data_element(facts: dict) -> str:
    """Facts in the words of schema.org, as an element for the head of a page."""
    return linked_data.element(facts)


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
def page_numbers(page) -> list[int | None]:
    """The pages worth a link: the first, the last, this one and its neighbours; None where several are left out.

    `page` is a Django page, or anything with `number` and `num_pages`.
    """
    last = page.num_pages if hasattr(page, "num_pages") else page.paginator.num_pages
    near = range(max(1, page.number - 1), min(last, page.number + 1) + 1)
    numbers: list[int | None] = []
    before = 0
    for number in sorted({1, last, *near}):
        if number - before == 2:
            numbers.append(number - 1)
        elif number - before > 2:
            numbers.append(None)
        numbers.append(number)
        before = number
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


# Form fields, for the template pack in templates/hub/

# In this order: Django's checkboxes are a kind of radios, and ours of both.
FIELD_KINDS = {
    "hidden": (widgets.HiddenInput, widgets.MultipleHiddenInput),
    "day": (forms.DayWidget,),
    "checkboxes": (widgets.CheckboxSelectMultiple,),
    "radios": (widgets.RadioSelect,),
    "checkbox": (widgets.CheckboxInput,),
    "select": (widgets.Select,),
    "textarea": (widgets.Textarea,),
    "file": (widgets.FileInput,),
}

CONTROL_CLASSES = {
    "input": "govuk-input",
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "file": "govuk-file-upload",
}

# The month has room for a word.
DAY_WIDTHS = {"day": 2, "month": 5, "year": 4}
PART_LABELS = {"day": gettext_lazy("Day"), "month": gettext_lazy("Month"), "year": gettext_lazy("Year")}


@register.filter
def field_kind(bound) -> str:
    """Which of the pack's shapes a form field takes."""
    for kind, classes in FIELD_KINDS.items():
        if isinstance(bound.field.widget, classes):
            return kind
    return "input"


@register.simple_tag
def control(bound) -> str:
    """The box itself, with GOV.UK's classes, read out together with its hint, its error and its word count."""
    kind = field_kind(bound)
    widget = bound.field.widget
    described = bound.aria_describedby or ""
    classes = [CONTROL_CLASSES.get(kind, ""), widget.attrs.get("class", "")]
    if bound.errors and kind in CONTROL_CLASSES:
        classes.append(f"{CONTROL_CLASSES[kind]}--error")
    if getattr(bound.field, "max_words", None):
        classes.append("govuk-js-character-count")
        described = f"{described} {bound.auto_id}-info".strip()
    attrs = {"class": " ".join(filter(None, classes))}
    if described:
        attrs["aria-describedby"] = described
    if kind == "textarea" or getattr(widget, "input_type", "") in ("text", "search"):
        attrs["dir"] = "auto"
    return bound.as_widget(attrs=attrs)


@register.simple_tag
def described_by(bound) -> str:
    """The ids of the hint and the error of a group of controls, for its fieldset."""
    ids = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    return " ".join([*ids, f"{bound.auto_id}_error"] if bound.errors else ids)


@register.simple_tag
def day_boxes(bound) -> list[dict]:
    """The three boxes of a date."""
    value = bound.value()
    typed = value if isinstance(value, list) else bound.field.widget.decompress(value)
    wrong = forms.wrong_parts(bound)
    return [
        {
            "id": f"{bound.auto_id}_{part}",
            "name": f"{bound.html_name}_{part}",
            "label": PART_LABELS[part],
            "value": text or "",
            "width": DAY_WIDTHS[part],
            "numeric": part == "year",
            "wrong": part in wrong,
        }
        for part, text in zip(forms.DayWidget.PARTS, typed, strict=True)
    ]


@register.simple_tag
def option_groups(bound) -> list[dict]:
    """The choices of radios or checkboxes, by group, each with its hint."""
    widget = bound.field.widget
    chosen = widget.format_value(bound.value())
    hints = {str(value): hint for value, hint in getattr(widget, "hints", {}).items()}
    return [
        {"title": title, "options": [{**option, "hint": hints.get(str(option["value"]))} for option in options]}
        for title, options, _index in widget.optgroups(bound.html_name, chosen, {"id": bound.auto_id})
    ]


@register.filter
def marks_optional(bound) -> bool:
    """Whether the page says that a field may stay empty."""
    return not bound.field.required and getattr(bound.form, "marks_optional", False)


@register.simple_tag
def problems(form) -> list[forms.Problem]:
    """What is wrong with a form or a set of forms, for the error summary."""
    return forms.problems(form)
