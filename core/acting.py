"""A page with a form whose action may refuse: what it says stands beside its field, and everything typed is kept."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.functional import Promise
from django.views.generic import FormView

from core.forms import HubForm, show_refusal


class ActingView(FormView):
    """A form page that does one thing with what was typed."""

    def act(self, said: dict[str, Any]) -> HttpResponse:
        """Do it, and say where to go on. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def form_valid(self, form):
        """Do it, or say what is lacking with everything typed still there."""
        try:
            return self.act(form.cleaned_data)
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


class NothingForm(HubForm, forms.Form):
    """Nothing to type: one press."""


@dataclass(frozen=True)
class Words:
    """What a page that does one thing says: its heading, what will happen, and its button."""

    heading: str | Promise
    text: str | Promise
    button: str | Promise
    warns: bool = False
