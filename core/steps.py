"""A record written in short steps: one page for each, saved on the way to the next, and nobody overwrites anybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.generic import FormView

from core.checking import Sent, mark_of
from core.dates import today
from core.forms import HubForm, show_refusal
from core.publishing import Conflict
from core.tips import tips_for
from core.values import plain


class StepForm(HubForm, forms.ModelForm):
    """One step of a record. It shows plain values and gives plain values back; the action checks and saves them."""

    marks_optional = False
    # Fields of the page that are no columns of the record.
    beside: tuple[str, ...] = ()

    def __init__(
        self, *args, user, values: dict[str, Any], locked: Iterable[str] = (), asks_correction=False, **kwargs
    ):
        self.values = values
        super().__init__(*args, initial=self.initial_of(values), **kwargs)
        for name in locked:
            self.fields.pop(name, None)
        if asks_correction:
            self.fields["correction"] = forms.CharField(
                label=_("What did you change? Tell families in one sentence"),
                max_length=300,
                required=False,
                help_text=_("It stands on the page, and those who follow it are told."),
            )
        self.prepare(user)

    def prepare(self, user) -> None:
        """Fill choices in that depend on who asks."""

    def initial_of(self, values: dict[str, Any]) -> dict[str, Any]:
        """Plain values as fields want them; rows around the record are the step's own business."""
        found = {}
        for name, value in values.items():
            field = self._meta.model._meta.get_field(name)
            if not field.concrete:
                continue
            kind = field.get_internal_type()
            if value and kind == "DateField":
                value = date.fromisoformat(value)
            elif value and kind == "TimeField":
                value = time.fromisoformat(value)
            found[name] = value
        return found

    def plain_values(self) -> dict[str, Any]:
        """What was typed, as plain values by the name of the column."""
        return {
            name: plain(self.cleaned_data[name]) for name in self.fields if name not in (*self.beside, "correction")
        }

    def _post_clean(self):
        """The action checks the whole record."""


@dataclass(frozen=True)
class Step:
    """One short page of writing a record."""

    key: str
    title: str | Promise
    form: type[StepForm]
    names: tuple[str, ...]  # the fields it writes
    wants: tuple[str, ...]  # those without which it is still to do


class StepPage(FormView):
    """One short page of a record, saved on the way to the next. The app says of which record, and saves it."""

    template_name = "core/desk/step.html"
    kwargs: dict
    request: Any
    record: Any
    check: Sent | None  # what waits to be decided about it, or is still being written
    waits: bool  # whether what this person changes waits until somebody else has seen it
    back_url: str
    back_text: str
    leave_url: str
    tips_place = ""  # before the key of a step, where its tips are kept

    # What the app says

    def steps(self) -> Sequence[Step]:
        """The steps that the record has, in order."""
        raise NotImplementedError

    def values_now(self) -> dict[str, Any]:
        """The values of the step as the record has them."""
        raise NotImplementedError

    def save(self, form: StepForm, mark: str) -> bool:
        """Save the step. Returns whether a part of it waits. Raises Conflict, or ValidationError."""
        raise NotImplementedError

    def in_words(self, name: str, value: Any, day: date) -> tuple[str, str]:
        """What a field is called, and a plain value of it as people read it."""
        raise NotImplementedError

    def go_on(self, following: Step | None) -> HttpResponse:
        """The next step, or what comes after the last one."""
        raise NotImplementedError

    def home(self) -> HttpResponse:
        """Back to the page of the record."""
        return redirect(self.back_url)

    # What all share

    @cached_property
    def step(self) -> Step:
        """Which step it is."""
        step = next((each for each in self.steps() if each.key == self.kwargs["step"]), None)
        if step is None:
            raise Http404
        return step

    @property
    def form_class(self):
        """The form of the step."""
        return self.step.form

    @cached_property
    def now(self) -> dict[str, Any]:
        """The values of the step as this person finds them."""
        found = self.values_now()
        waiting = self.check.values if self.check and self.waits else {}
        return found | {name: value for name, value in waiting.items() if name in found}

    def get_form_kwargs(self):
        """What stands there now, changes that wait included."""
        return super().get_form_kwargs() | {"user": self.request.user, "values": self.now}

    def get_initial(self):
        """The form makes its own from plain values."""
        return {}

    def get_form(self, form_class=None):
        """The form makes its own first values."""
        kwargs = self.get_form_kwargs()
        kwargs.pop("initial", None)
        return (form_class or self.form_class)(**kwargs)

    def form_valid(self, form):
        """Save it, and go on; or say what is wrong with everything typed still there."""
        try:
            waits = self.save(form, self.request.POST.get("mark", ""))
        except Conflict:
            return self._somebody_was_faster(form)
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)
        if waits:
            messages.info(self.request, _("Saved. Families see it once it is checked: send it when you are done."))
        else:
            messages.success(self.request, _("Saved."))
        if "back" in self.request.POST or self.record.is_published:
            return self.home()
        steps = list(self.steps())
        place = steps.index(self.step) + 1
        return self.go_on(steps[place] if place < len(steps) else None)

    def _somebody_was_faster(self, form):
        """Keep what was typed, and show what the other person wrote: saving again is then meant."""
        day = today()
        typed = form.plain_values()
        theirs = [self.in_words(name, self.now[name], day) for name in typed if typed[name] != self.now[name]]
        form.add_error(
            None, _("Somebody else saved this page while you typed. Look at their words below, then save yours again.")
        )
        others = [{"title": title, "words": words} for title, words in theirs]
        return self.render_to_response(self.get_context_data(form=form, others=others), status=409)

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        """Which step of how many, and tips."""
        steps = list(self.steps())
        change = self.check if self.check and self.check.is_change else None
        return super().get_context_data(
            record=self.record,
            step=self.step,
            number=steps.index(self.step) + 1,
            count=len(steps),
            tips=tips_for(f"{self.tips_place}{self.step.key}") if self.tips_place else [],
            mark=mark_of(self.record, change) if self.record else "",
            waits=self.waits,
            back_url=self.back_url,
            back_text=self.back_text,
            leave_url=self.leave_url,
            **kwargs,
        )
