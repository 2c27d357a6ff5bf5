"""Forms as families and staff meet them: plain words, dates in three boxes, nothing sent twice."""

import calendar
import datetime
import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crispy_forms.helper import FormHelper
from django import forms
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.utils import pretty_name
from django.utils.crypto import get_random_string
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import dates

ONE_DAY = 24 * 60 * 60


class Inside(FormHelper):
    """Crispy writes what stands inside the form tag; the page writes the tag, the token and the buttons."""

    form_tag = False
    form_action = ""
    disable_csrf = True
    include_media = False


class HubForm:
    """What every form of the hub shares. It stands before Django's class: `class AnswerForm(HubForm, forms.ModelForm)`.

    Errors say what to do ("Enter the closing date"). A form gives a field its
    own words in `enter_words`; the others are made from the field's label.
    """

    use_required_attribute = False
    marks_optional = True
    enter_words: dict[str, str] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, OnceField):
                continue
            if type(field.widget) is forms.NumberInput:
                field.widget = _number_as_text(field.widget)
            say_what_to_do(field, label=field.label or pretty_name(name), required=self.enter_words.get(name))

    @property
    def helper(self) -> FormHelper:
        """How crispy lays the form out: its fields in order, or as `lay_out` says. The page writes the form tag."""
        helper = Inside(self)
        layout = self.lay_out()
        if layout is not None:
            helper.layout = layout
            helper.render_hidden_fields = True
        return helper

    def lay_out(self):
        """A crispy Layout, when the fields are not simply one below the other."""
        return None


def share_choices(form: forms.BaseForm, *names: str) -> None:
    """Have fields of a form that offer the same records ask the database for them once, when they are shown."""
    fields = [form.fields[name] for name in names]

    @functools.cache
    def those() -> list[tuple]:
        first = fields[0]
        return [(first.prepare_value(each), first.label_from_instance(each)) for each in first.queryset]

    for field in fields:
        nothing = [] if field.empty_label is None else [("", field.empty_label)]
        field.choices = functools.partial(lambda before: [*before, *those()], nothing)


def _number_as_text(widget: forms.NumberInput) -> forms.TextInput:
    """A box that keeps what was typed, also when it is no number, so that the error can be understood."""
    attrs = {name: value for name, value in widget.attrs.items() if name not in ("min", "max", "step")}
    return forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-5", **attrs})


def say_what_to_do(field: forms.Field, *, label, required=None) -> None:
    """Give `field` errors that say what to do, wherever it still has Django's own words."""
    label = str(label)
    words = {"required": required or _required_words(field, label)}
    if isinstance(field, forms.ChoiceField):
        words["invalid_choice"] = _("Choose one of the answers in the list")
    elif isinstance(field, DayField):
        for part in DayWidget.PARTS:
            words[f"no_{part}"] = _PART_WORDS[part] % {"label": _starts_large(label)}
        words["invalid"] = _("%(label)s must be a real date, like 8 4 2026") % {"label": _starts_large(label)}
    elif isinstance(field, forms.EmailField):
        words["invalid"] = _("Enter an e-mail address in full, like name@example.com")
    elif isinstance(field, forms.URLField):
        words["invalid"] = _("Enter a web address in full, like https://www.example.com")
    elif isinstance(field, forms.IntegerField):
        words["invalid"] = _("%(label)s must be a number, like 12") % {"label": _starts_large(label)}
    if isinstance(field, forms.CharField) and field.max_length:
        words["max_length"] = ngettext(
            "%(label)s must be %(limit)s letter or shorter",
            "%(label)s must be %(limit)s letters or shorter",
            field.max_length,
        ) % {"label": _starts_large(label), "limit": field.max_length}
    for code, text in words.items():
        if _has_djangos_words(field, code):
            field.error_messages[code] = text


def _required_words(field, label):
    if isinstance(field.widget, forms.CheckboxInput):
        return _("Tick “%(label)s”") % {"label": label}
    if label.endswith("?"):
        return _("Answer the question “%(label)s”") % {"label": label}
    named = {"label": _starts_small(label)}
    if isinstance(field, forms.FileField):
        return _("Choose a file: %(label)s") % named
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return _("Choose %(label)s") % named
    if isinstance(field, (DayField, ClockField)) and label.split()[0].lower() not in ("your", "the", "a", "an", "when"):
        return _("Enter the %(label)s") % named
    return _("Enter %(label)s") % named


def _starts_small(label):
    """The label inside a sentence: "Closing date" becomes "closing date", "BSL video" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _starts_large(label):
    return label[:1].upper() + label[1:]


def _has_djangos_words(field, code):
    """Whether nobody gave this field its own words for `code`."""
    if code not in field.error_messages:
        return True
    defaults = [getattr(each, "default_error_messages", {}).get(code) for each in type(field).__mro__]
    return str(field.error_messages[code]) in [str(each) for each in defaults]


# Days and times


class DayWidget(forms.MultiWidget):
    """Three boxes: day, month, year. They are posted as `name_day`, `name_month` and `name_year`."""

    PARTS = ("day", "month", "year")

    def __init__(self, attrs=None):
        super().__init__({part: forms.TextInput() for part in self.PARTS}, attrs)

    def decompress(self, value):
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


_PART_WORDS = {
    "day": gettext_lazy("%(label)s must include a day"),
    "month": gettext_lazy("%(label)s must include a month"),
    "year": gettext_lazy("%(label)s must include a year"),
}


class DayField(forms.MultiValueField):
    """A date typed as people write it: "8", "4" or "april", "2026"."""

    widget = DayWidget
    default_error_messages = {
        "required": gettext_lazy("Enter the date"),
        "invalid": gettext_lazy("The date must be a real date, like 8 4 2026"),
        "no_day": gettext_lazy("The date must include a day"),
        "no_month": gettext_lazy("The date must include a month"),
        "no_year": gettext_lazy("The date must include a year"),
    }

    def __init__(self, **kwargs):
        parts = [forms.CharField(required=False) for _part in DayWidget.PARTS]
        super().__init__(parts, require_all_fields=False, **kwargs)

    def clean(self, value):
        if self.disabled and not isinstance(value, list):
            value = DayWidget().decompress(value)
        parts = [str(part or "").strip() for part in value or ["", "", ""]]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        for name, part in zip(DayWidget.PARTS, parts, strict=True):
            if not part:
                raise ValidationError(self.error_messages[f"no_{name}"], code=f"no_{name}")
        day = read_day(*parts)
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        self.run_validators(day)
        return day

    def has_changed(self, initial, data):
        try:
            return self.clean(data) != initial
        except ValidationError:
            return True


def read_day(day: str, month: str, year: str) -> datetime.date | None:
    """The date that three typed words mean, or None when there is no such day. "26" is 2026."""
    number = _month_number(month)
    if number is None or not re.fullmatch(r"[0-9]{1,2}", day) or not re.fullmatch(r"[0-9]{2}|[0-9]{4}", year):
        return None
    full_year = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return datetime.date(full_year, number, int(day))
    except ValueError:
        return None


def _month_number(word):
    if re.fullmatch(r"[0-9]{1,2}", word):
        return int(word)
    said = word.casefold().rstrip(".")
    for number in range(1, 13):
        names = (calendar.month_name[number], calendar.month_abbr[number], str(MONTHS[number]), str(MONTHS_3[number]))
        if said in [name.casefold().rstrip(".") for name in names] or (said == "sept" and number == 9):
            return number
    return None


class ClockField(forms.TimeField):
    """A time of day typed as people write it: "noon", "5pm", "11.59pm", "17:00"."""

    widget = forms.TextInput
    default_error_messages = {
        "required": gettext_lazy("Enter the time"),
        "invalid": gettext_lazy("Enter a time, like 5pm or 11:59pm"),
    }

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, datetime.time):
            return value or None
        words = re.sub(r"\s|\.(?=m)", "", str(value).casefold()).rstrip(".")
        if words in ("noon", "midday", str(_("noon"))):
            return datetime.time(12, 0)
        if words == "midnight":
            return datetime.time(23, 59)
        found = re.fullmatch(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(am|pm)?", words)
        if found and (found[2] or found[3]):
            hour, minute = int(found[1]), int(found[2] or 0)
            if found[3] and 1 <= hour <= 12:
                hour = hour % 12 + (12 if found[3] == "pm" else 0)
            elif found[3]:
                hour = 99
            if hour < 24 and minute < 60:
                return datetime.time(hour, minute)
        raise ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value):
        return dates.time_words(value) if isinstance(value, datetime.time) else value


# Text and choices


class LongTextField(forms.CharField):
    """Text of a sentence or more. With `max_words` the page counts while one types, and so do we."""

    widget = forms.Textarea

    def __init__(self, *, max_words: int | None = None, rows: int = 5, **kwargs):
        super().__init__(**kwargs)
        self.max_words = max_words
        self.widget.attrs["rows"] = rows

    def to_python(self, value):
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def validate(self, value):
        super().validate(value)
        used = len(value.split())
        if self.max_words and used > self.max_words:
            raise ValidationError(
                _("You used %(used)s words. Use %(most)s words or fewer"),
                code="max_words",
                params={"used": used, "most": self.max_words},
            )


class Radios(forms.RadioSelect):
    """One of a few. `hints` says more about a choice, by its value."""

    def __init__(self, *args, hints: dict | None = None, inline: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.hints = hints or {}
        self.inline = inline


class Checkboxes(forms.CheckboxSelectMultiple):
    """Any of a few. `hints` says more about a choice, by its value."""

    def __init__(self, *args, hints: dict | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.hints = hints or {}


# Sent once


class OnceField(forms.CharField):
    """A signed, timed mark in a hidden box: it tells one filled-in form from the same form sent again.

    It needs no session, so that a family's form sets no cookie. A mark that is
    too old or not ours is refused, and the page that says so carries a fresh
    one, with everything that was typed still there.
    """

    widget = forms.HiddenInput
    salt = "core.forms.once"
    default_error_messages = {
        "required": gettext_lazy("Check what you wrote and send it again"),
        "old": gettext_lazy("This page was open for a long time. Check what you wrote and send it again"),
    }

    def __init__(self, *, lasts: int = ONE_DAY, **kwargs):
        kwargs.setdefault("initial", self.new_mark)
        kwargs.setdefault("label", "")
        super().__init__(**kwargs)
        self.lasts = lasts

    def new_mark(self) -> str:
        return signing.TimestampSigner(salt=self.salt).sign(get_random_string(16))

    def clean(self, value):
        value = super().clean(value)
        try:
            return signing.TimestampSigner(salt=self.salt).unsign(value, max_age=self.lasts)
        except signing.BadSignature:
            raise ValidationError(self.error_messages["old"], code="old") from None

    def bound_data(self, data, initial):
        """A refused mark is not shown again: the next sending needs a good one."""
        try:
            self.clean(data)
        except ValidationError:
            return initial
        return data


@contextmanager
def once(mark: str, *, lasts: int = ONE_DAY) -> Iterator[bool]:
    """Whether this filled-in form comes for the first time: `with once(form.cleaned_data["once"]) as first:`.

    A failure inside frees the mark, so that trying again is a first time too.
    """
    key = f"once:{mark}"
    first = cache.add(key, 1, timeout=lasts)
    try:
        yield first
    except BaseException:
        if first:
            cache.delete(key)
        raise


# What is wrong, with links


@dataclass(frozen=True)
class Problem:
    """One line of the error summary. `target` is the id of the first control to mend, or empty."""

    text: str
    target: str = ""


def problems(form) -> list[Problem]:
    """Everything wrong with a form or a set of forms, in the order of the page. Empty before it is sent."""
    if form is None or not form.is_bound:
        return []
    if isinstance(form, BaseFormSet):
        found = [Problem(str(text)) for text in form.non_form_errors()]
        return found + [problem for each in form.forms for problem in problems(each)]
    found = [Problem(str(text)) for text in form.non_field_errors()]
    for bound in form:
        target = "" if bound.is_hidden else first_control(bound)
        found.extend(Problem(str(text), target) for text in bound.errors)
    return found


def first_control(bound: BoundField) -> str:
    """The id of the first thing to type in or tick for a field."""
    widget = bound.field.widget
    if isinstance(widget, DayWidget):
        return f"{bound.auto_id}_{_first_wrong_part(bound)}"
    if isinstance(widget, forms.MultiWidget):
        return f"{bound.auto_id}_0"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        for _group, options, _index in widget.optgroups(bound.html_name, [], {"id": bound.auto_id}):
            for option in options:
                return option["attrs"]["id"]
    return bound.id_for_label or bound.auto_id


def wrong_parts(bound: BoundField) -> list[str]:
    """Which of the three boxes of a date to mark: the empty ones, else all of them."""
    if not bound.errors:
        return []
    value = bound.value()
    typed = value if isinstance(value, list) else bound.field.widget.decompress(value)
    empty = [part for part, text in zip(DayWidget.PARTS, typed, strict=True) if not text]
    return empty or list(DayWidget.PARTS)


def _first_wrong_part(bound):
    return (wrong_parts(bound) or DayWidget.PARTS)[0]


def show_refusal(form, error: ValidationError) -> None:
    """Put what an action refused beside the fields it is about."""
    named = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
    for field, words in named.items():
        for each in words:
            form.add_error(field if field in form.fields else None, each)
