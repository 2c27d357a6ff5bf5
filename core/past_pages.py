"""Two staff pages that every kind of record with a history can have: its past, and putting something back."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.acting import ActingView
from core.dates import today
from core.forms import HubForm
from core.pasts import FieldChange, Past, capitalised, list_label
from core.publishing import Conflict


class WithPast:
    """What both pages know of the record they are about. The app's own class says which one, and checks the person."""

    record: Any
    kwargs: dict
    request: Any
    # The fields that may be put back. What others depend on (when it was published or answered) is not among them.
    may_be_put_back: tuple[str, ...] = ()
    history_url: str
    back_url: str

    @cached_property
    def today(self) -> date:
        """The day the page is shown."""
        return today()

    @property
    def may_put_back(self) -> bool:
        """Whether this person may put something back."""
        return bool(self.may_be_put_back)

    def restore_url(self, number: int) -> str:
        """Where a change can be put back."""
        raise NotImplementedError


class PastPage(WithPast, TemplateView):
    """What was done to a record, newest first, in sentences."""

    template_name = "core/desk/past.html"

    def get_context_data(self, **kwargs):
        """A page of changes, and where each can be put back."""
        page = Past(self.record, self.today).page(self.request.GET.get("page"))
        may = self.may_put_back
        lines = [
            {
                "change": change,
                "url": self.restore_url(change.number) if may and change.number and not change.is_oldest_kept else "",
                "can_be_put_back": {each.name for each in change.fields} & set(self.may_be_put_back),
            }
            for change in page
        ]
        return super().get_context_data(record=self.record, page=page, lines=lines, back_url=self.back_url, **kwargs)


class PutBackForm(HubForm, forms.Form):
    """The version that was looked at, and the reason where families will read one."""

    reason = forms.CharField(
        label=gettext_lazy("Why the date moves"),
        help_text=gettext_lazy("Families will see it."),
        max_length=300,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, asks_why: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_why:
            del self.fields["reason"]


class PutBackPage(WithPast, ActingView):
    """Shows what putting a field, or all of them, back to before a change would do; then does it."""

    template_name = "core/desk/put_back.html"
    form_class = PutBackForm

    def put_back(self, facts: dict[str, Any], version: int, reason: str) -> None:
        """The action. Raises ValidationError or Conflict when it is refused."""
        raise NotImplementedError

    def asks_why(self, names: set[str]) -> bool:
        """Whether families will read a reason."""
        return False

    @cached_property
    def past(self) -> Past:
        """The record's past."""
        return Past(self.record, self.today)

    @cached_property
    def then(self) -> models.Model:
        """The record as it stood before the change."""
        row = self.past.before(self.kwargs["number"])
        if row is None:
            raise Http404
        return row

    @cached_property
    def field(self) -> str:
        """The one field that is asked for; empty for all of them."""
        asked = self.request.GET.get("field", "")
        if asked and asked not in self.may_be_put_back:
            raise Http404
        return asked

    @cached_property
    def changes(self) -> list[FieldChange]:
        """What would change, from what it says now to what it said then."""
        return self.past.differing(self.then, [self.field] if self.field else self.may_be_put_back)

    def get_form_kwargs(self):
        """Whether to ask for a reason."""
        return super().get_form_kwargs() | {"asks_why": self.asks_why({each.name for each in self.changes})}

    def get_initial(self):
        """The version that the person has before them."""
        return {"version": self.record.version}

    def act(self, said):
        """Put it back, say so, and show the past."""
        if not self.changes:
            raise ValidationError(_("It says this already. Nothing was changed."))
        facts = {}
        for each in self.changes:
            column = self.record._meta.get_field(each.name)
            if each.is_list:
                facts[each.name] = self.past.list_then(self.then, each.name)
            else:
                facts[column.attname] = getattr(self.then, column.attname)
        try:
            self.put_back(facts, said["version"], said.get("reason", ""))
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you looked. Open this page again to see what it says now.")
            ) from None
        messages.success(self.request, _("It is put back. The history shows it, and you can undo it there."))
        return redirect(self.history_url)

    def get_context_data(self, **kwargs):
        """What would change, and what stays whatever it was."""
        everything = self.past.differing(self.then, [*self.past.told, *self.past.lists])
        stays = [each.label for each in everything if each.name not in self.may_be_put_back]
        return super().get_context_data(
            record=self.record,
            changes=self.changes,
            stays=[] if self.field else stays,
            field_label=capitalised(list_label(type(self.record), self.field)) if self.field else "",
            back_url=self.history_url,
            **kwargs,
        )
