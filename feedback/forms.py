"""Forms of the answer, holding notes, the log and reports. Half-filled ones are kept; actions say what is lacking."""

from collections.abc import Sequence

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from accounts.forms import bodies_of
from accounts.models import Organisation
from core.forms import DayField, DayWidget, HubForm, LongTextField, OnceField, Problem, Radios, problems
from core.models import Topic
from feedback.checks import IN_SHORT_WORDS, WE_ASKED_WORDS
from feedback.counts import Count
from feedback.models import AnswerState, FeedbackEntry, HeardFrom, Kind

# Django takes a thousand values in one form: this many points and ways fit.
MOST_ROWS = 30
# The fields of the answer that stand above its points on the page.
BEFORE_THE_POINTS = ("in_short", "we_asked", "total", "who", "missing")

# What each answer needs, said beside it.
ANSWER_NEEDS = {
    AnswerState.DONE: gettext_lazy("Say when it was done and what is different now."),
    AnswerState.PARTLY: gettext_lazy("Say when, what is different now, and why not all of it."),
    AnswerState.DOING: gettext_lazy("Say who is responsible and by when it will be done."),
    AnswerState.WILL_DO: gettext_lazy("Say who is responsible and by when. We remind them before that day."),
    AnswerState.DECIDING: gettext_lazy("Say why, and when you will tell families more."),
    AnswerState.CANNOT: gettext_lazy("Give a reason that a parent would accept as honest."),
    AnswerState.PASSED_ON: gettext_lazy("Say who it was passed to, when, and how to reach them."),
}
ANSWER_CHOICES = [(state.value, state.label) for state in ANSWER_NEEDS]


class CountField(forms.CharField):
    """How many people: a number, or "fewer than 5". A number from 1 to 4 becomes "fewer than 5"."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)
        self.widget.attrs["inputmode"] = "text"

    def to_python(self, value) -> Count:
        """What was typed, as a count."""
        return Count.read(super().to_python(value))

    def validate(self, value):
        """A count that is not known is let through; the action says when it is needed."""

    def run_validators(self, value):
        """The text was checked while it was read."""


class TypedForm(HubForm, forms.Form):
    """A form whose half-typed values can be kept as plain JSON and put back."""

    marks_optional = False

    @classmethod
    def read(cls, data, prefix: str = "") -> dict:
        """What was typed into each field, as it came."""
        typed = {}
        for name, field in cls.base_fields.items():
            value = field.widget.value_from_datadict(data, {}, f"{prefix}-{name}" if prefix else name)
            typed[name] = _storable(value)
        return typed

    @classmethod
    def as_posted(cls, typed: dict, prefix: str = "") -> dict:
        """What was typed, as a browser would post it."""
        data: dict[str, str] = {}
        for name, field in cls.base_fields.items():
            value = typed.get(name, "")
            key = f"{prefix}-{name}" if prefix else name
            if isinstance(field.widget, DayWidget):
                parts = value if isinstance(value, list) and len(value) == 3 else ["", "", ""]
                data |= {f"{key}_{part}": text or "" for part, text in zip(DayWidget.PARTS, parts, strict=True)}
            elif value is True:
                data[key] = "on"
            elif value is not False:
                data[key] = value
        return data


class AnswerForm(TypedForm):
    """The answer itself: every section but the points."""

    in_short = LongTextField(
        label=gettext_lazy("In short"),
        max_words=IN_SHORT_WORDS,
        rows=3,
        required=False,
        help_text=gettext_lazy(
            "The main thing you heard and the main thing you will do. Start with what families most want to know."
        ),
    )
    we_asked = LongTextField(
        label=gettext_lazy("What we asked"),
        max_words=WE_ASKED_WORDS,
        rows=7,
        required=False,
        help_text=gettext_lazy("What the proposal was, what could change and what could not, and the dates."),
    )
    total = CountField(
        label=gettext_lazy("How many people or families took part"),
        required=False,
        help_text=gettext_lazy("A number from 1 to 4 is shown as “fewer than 5”, so that nobody can be picked out."),
    )
    who = LongTextField(label=gettext_lazy("Who they were"), rows=3, required=False)
    missing = LongTextField(
        label=gettext_lazy("Who we did not hear from, and what we will do about it"), rows=3, required=False
    )
    decided_by = forms.CharField(label=gettext_lazy("Who made the decision"), max_length=200, required=False)
    decided_on = DayField(label=gettext_lazy("When they decided (optional)"), required=False)
    record_url = forms.URLField(
        label=gettext_lazy("Link to the decision record (optional)"),
        max_length=500,
        required=False,
        assume_scheme="https",
    )
    link_to_views = LongTextField(
        label=gettext_lazy("What is different because of what people said"),
        help_text=gettext_lazy("If nothing is, say so and why."),
        rows=4,
        required=False,
    )
    was_stopped = forms.BooleanField(
        label=gettext_lazy("The work was stopped after the consultation closed"), required=False
    )
    what_next = LongTextField(
        label=gettext_lazy("What happens next"),
        help_text=gettext_lazy("Dates for the next steps, and when this page will next be updated."),
        rows=3,
        required=False,
    )
    contact_name = forms.CharField(label=gettext_lazy("Role or team to ask"), max_length=150, required=False)
    contact_phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    contact_email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    formats = LongTextField(
        label=gettext_lazy("Other formats"),
        help_text=gettext_lazy("If the consultation had an easy read version, the answer needs one too."),
        rows=2,
        required=False,
    )

    def facts(self) -> dict:
        """The fields of the answer, once valid."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "total"}
        total: Count = self.cleaned_data["total"]
        return facts | {"total": total.number, "total_is_few": total.few}


class ThemeForm(TypedForm):
    """One thing that people said, and the answer to it."""

    id = forms.CharField(widget=forms.HiddenInput, required=False)
    theme = forms.CharField(
        label=gettext_lazy("The point in a few words"),
        help_text=gettext_lazy("Such as “Waiting times”."),
        max_length=200,
        required=False,
    )
    you_said = LongTextField(
        label=gettext_lazy("What people said, including where they did not agree"), rows=3, required=False
    )
    how_many = forms.CharField(
        label=gettext_lazy("About how many said this (optional)"),
        help_text=gettext_lazy("Such as “about half”. Never a number from 1 to 4."),
        max_length=80,
        required=False,
    )
    quote = forms.CharField(
        label=gettext_lazy("A short quote that cannot identify anyone (optional)"), max_length=300, required=False
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("Our answer"), choices=ANSWER_CHOICES, widget=Radios(hints=ANSWER_NEEDS), required=False
    )
    we_did = LongTextField(
        label=gettext_lazy("What we did, or will do, or why we cannot"),
        help_text=gettext_lazy("Families read this as your reason."),
        rows=3,
        required=False,
    )
    owner_role = forms.CharField(
        label=gettext_lazy("Who is responsible"),
        help_text=gettext_lazy("A role, such as “therapies manager”. Not a name."),
        max_length=150,
        required=False,
    )
    due_on = DayField(label=gettext_lazy("By when"), required=False)
    done_on = DayField(label=gettext_lazy("When it was done"), required=False)
    what_changed = LongTextField(label=gettext_lazy("What is different now"), rows=2, required=False)
    next_update_on = DayField(label=gettext_lazy("When you will tell families more"), required=False)
    body = forms.CharField(label=gettext_lazy("Who it was passed to"), max_length=200, required=False)
    body_contact = forms.CharField(
        label=gettext_lazy("How to reach them"),
        help_text=gettext_lazy("A phone number, an e-mail address or a web page."),
        max_length=200,
        required=False,
    )
    passed_on = DayField(label=gettext_lazy("When it was passed on"), required=False)

    @property
    def helper(self):
        """On the page of the answer the page says what is wrong with all its points, once."""
        helper = super().helper
        helper.form_show_errors = self.prefix is None
        return helper

    def lay_out(self):
        """The point, the answer, and then only the facts that go with the answer, each group under its name."""
        return Layout("theme", "you_said", "how_many", "quote", "answer", "we_did", *_state_groups())

    def facts(self) -> dict:
        """The fields of the point, once valid."""
        facts = dict(self.cleaned_data)
        facts["answer"] = facts["answer"] or AnswerState.NONE
        return facts

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into it: such a row is left out."""
        typed = self.read(self.data, self.prefix)
        typed.pop("id")
        return not any(value if not isinstance(value, list) else any(value) for value in typed.values())


def _state_groups():
    """The facts of each answer, under words that say for which answer they are."""
    groups = (
        ("done partly", gettext_lazy("For “Done” and “Partly”"), ("done_on", "what_changed")),
        ("doing will_do", gettext_lazy("For “Started” and “Promised”"), ("owner_role", "due_on")),
        ("deciding", gettext_lazy("For “Not decided”"), ("next_update_on",)),
        ("passed_on", gettext_lazy("For “Not ours to decide”"), ("body", "body_contact", "passed_on")),
    )
    return [
        Fieldset(str(legend), *fields, css_class="hub-for-answer", data_for_answer=states)
        for states, legend, fields in groups
    ]


class WayForm(TypedForm):
    """How many took part in one way."""

    method = forms.CharField(label=gettext_lazy("Way of taking part"), max_length=120, required=False)
    count = CountField(label=gettext_lazy("How many"), required=False)


class AnswerPage:
    """The whole page of the answer: the answer, its points and its table, from what was typed."""

    def __init__(self, typed: dict, *, check: bool = False):
        self.typed = typed
        self.kind = Kind.SHORT if typed.get("kind") == Kind.SHORT else Kind.FULL
        self.correcting = bool(typed.get("correcting"))
        self.answer = _form(AnswerForm, typed.get("facts", {}), "", check)
        self.themes = [
            _form(ThemeForm, each, f"themes-{place}", check) for place, each in enumerate(typed.get("themes", []))
        ]
        self.ways = [_form(WayForm, each, f"ways-{place}", check) for place, each in enumerate(typed.get("ways", []))]

    @classmethod
    def read(cls, data) -> dict:
        """What was typed into a page that was sent."""
        return {
            "kind": Kind.SHORT if data.get("kind") == Kind.SHORT else Kind.FULL,
            "correcting": data.get("correcting") == "1",
            "facts": AnswerForm.read(data),
            "themes": [ThemeForm.read(data, f"themes-{place}") for place in range(_rows(data, "themes"))],
            "ways": [WayForm.read(data, f"ways-{place}") for place in range(_rows(data, "ways"))],
        }

    @property
    def forms(self) -> list[TypedForm]:
        """Every form of the page, in its order."""
        return [self.answer, *self.ways, *self.filled_themes]

    @property
    def filled_themes(self) -> list[ThemeForm]:
        """The points into which something was typed."""
        return [form for form in self.themes if not (form.is_bound and form.is_blank)]

    def is_valid(self) -> bool:
        """Whether every value can be read. What is still lacking, the action says."""
        return all([form.is_valid() for form in self.forms])

    def facts(self) -> dict:
        """The fields of the answer, once valid."""
        rows = [
            {"method": method, "count": count.number, "few": count.few}
            for form in self.ways
            if (method := form.cleaned_data["method"].strip()) and (count := form.cleaned_data["count"])
        ]
        return self.answer.facts() | {"by_method": rows}

    def theme_facts(self) -> list[dict]:
        """The fields of each point, once valid."""
        return [form.facts() for form in self.filled_themes]

    def problems(self, left: Sequence[Problem] = ()) -> list[Problem]:
        """Everything wrong, in the order of the page: `left` is what is about no one field."""
        about = problems(self.answer)
        first = [each for each in about if each.target.removeprefix("id_").startswith(BEFORE_THE_POINTS)]
        rows = [each for form in [*self.ways, *self.filled_themes] for each in problems(form)]
        return [*first, *left, *rows, *(each for each in about if each not in first)]

    def add_errors(self, error: ValidationError) -> list[Problem]:
        """Put what an action refused beside the fields it is about. Returns what is about no one field."""
        left: list[Problem] = []
        for name, words in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
            form, field = self._place_of(name)
            for each in words:
                if form is None:
                    left.append(Problem(each, "id_themes-0-theme" if name == "themes" and self.themes else ""))
                else:
                    form.add_error(field, each)
        return left

    def _place_of(self, name):
        if name.startswith("themes-"):
            _prefix, place, field = name.split("-", 2)
            return self.filled_themes[int(place)], field
        return (self.answer, name) if name in self.answer.fields else (None, None)


def _form(form_class, typed, prefix, check):
    """The form of what was typed; checked when somebody is about to show it to families."""
    if check:
        return form_class(form_class.as_posted(typed, prefix), prefix=prefix or None)
    return form_class(initial=typed, prefix=prefix or None)


def _storable(value):
    """What was typed, without the one character that no database keeps."""
    if isinstance(value, list):
        return [_storable(part) for part in value]
    return value.replace("\x00", "") if isinstance(value, str) else value or ""


def _rows(data, name):
    """How many rows were sent, within reason."""
    typed = data.get(f"{name}-rows", "")
    return min(int(typed), MOST_ROWS) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


class ElsewhereForm(HubForm, forms.Form):
    """An answer that was published somewhere else."""

    url = forms.URLField(
        label=gettext_lazy("Link to the answer"), max_length=500, required=False, assume_scheme="https"
    )
    answered_on = DayField(
        label=gettext_lazy("The day it was published"),
        help_text=gettext_lazy("Whether you answered on time is judged by this day."),
        required=False,
    )
    in_short = LongTextField(
        label=gettext_lazy("What it says, in two sentences"),
        help_text=gettext_lazy("The main thing you heard, and what you will do."),
        max_words=60,
        rows=3,
        required=False,
    )
    marks_optional = False


class HoldingNoteForm(HubForm, forms.Form):
    """Why families have not had an answer yet, and when they will."""

    reason = LongTextField(label=gettext_lazy("Why there is no answer yet"), rows=3, required=False)
    heard_so_far = LongTextField(label=gettext_lazy("What we have heard so far (optional)"), rows=5, required=False)
    new_date = DayField(label=gettext_lazy("When families will have the full answer"), required=False)
    contact = forms.CharField(
        label=gettext_lazy("Who to ask"),
        help_text=gettext_lazy("A role or team, and how to reach it."),
        max_length=200,
        required=False,
    )
    marks_optional = False


class ToldForm(HubForm, forms.Form):
    """How many families the service told about its answer."""

    told = forms.IntegerField(
        label=gettext_lazy("How many families did you tell?"),
        help_text=gettext_lazy("By letter, e-mail, text or face to face. Enter 0 if you have told nobody yet."),
        min_value=0,
        max_value=1_000_000,
        error_messages={
            "required": gettext_lazy("Enter how many families you told"),
            "min_value": gettext_lazy("Enter 0 or more"),
            "max_value": gettext_lazy("Enter a number of families, a million or fewer"),
        },
    )
    marks_optional = False


class DelayCommentForm(HubForm, forms.Form):
    """The service's one comment beside a late answer."""

    comment = LongTextField(
        label=gettext_lazy("Your comment"),
        help_text=gettext_lazy("Families see it beside the days. Leave it empty to take it away."),
        max_words=60,
        rows=3,
        required=False,
    )
    marks_optional = False


class EntryForm(ThemeForm):
    """One thing that families said outside a consultation, and the answer."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Who answers"), queryset=Organisation.objects.none(), empty_label=gettext_lazy("Choose one")
    )
    heard_from = forms.ChoiceField(
        label=gettext_lazy("How families said it"),
        choices=[(each.value, each.label) for each in HeardFrom if each != HeardFrom.CONSULTATION],
        widget=Radios(),
    )
    heard_on = DayField(label=gettext_lazy("When they said it"))
    topics = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What it is about"),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what it is about")},
    )

    once = OnceField()

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["id"]
        self.fields["organisation"].queryset = bodies_of(user)
        self.fields["topics"].queryset = Topic.objects.in_use()

    def lay_out(self):
        """Who and when first, then the point and its answer."""
        return Layout("organisation", "heard_from", "heard_on", "topics", *super().lay_out().fields)


class PromiseForm(ThemeForm):
    """How far the answer to one point has got. What families said stays as it is."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    FIELDS = (
        "answer", "we_did", "owner_role", "due_on", "done_on", "what_changed", "next_update_on", "body",
        "body_contact", "passed_on",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in (*self.FIELDS, "version"):
                del self.fields[name]

    def lay_out(self):
        """The answer, then only the facts that go with it."""
        return Layout("answer", "we_did", *_state_groups())

    @classmethod
    def of(cls, entry: FeedbackEntry, data=None) -> "PromiseForm":
        """The form of an entry as it is now."""
        initial = {name: getattr(entry, name) for name in cls.FIELDS} | {"version": entry.version}
        return cls(data, initial=initial)


class ReportWords(TypedForm):
    """What a report on a standing opportunity says."""

    you_said = LongTextField(
        label=gettext_lazy("What families said"),
        help_text=gettext_lazy("Say where they did not agree, too. Leave out what could point at a family."),
        rows=6,
        required=False,
    )
    what_changed = LongTextField(
        label=gettext_lazy("What changed because of it"),
        help_text=gettext_lazy("If nothing did, say so and why."),
        rows=6,
        required=False,
    )
    took_part = CountField(
        label=gettext_lazy("How many people or families took part"),
        required=False,
        help_text=gettext_lazy("A number from 1 to 4 is shown as “fewer than 5”, so that nobody can be picked out."),
    )

    def facts(self) -> dict:
        """The fields of the report, once valid."""
        return {name: value for name, value in self.cleaned_data.items() if not self.fields[name].widget.is_hidden}


class ReportForm(ReportWords):
    """A new report, and the day of the next one where families are promised one.

    `newest` is the id of the newest report that the writer's page showed.
    """

    next_on = DayField(
        label=gettext_lazy("When families get the next report"),
        help_text=gettext_lazy("Six months from now at the latest. We remind you before that day."),
        required=False,
    )
    newest = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, promises: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not promises:
            del self.fields["next_on"]


class ReportCorrectionForm(ReportWords):
    """A published report that is put right: its words and its number, and neither day."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
