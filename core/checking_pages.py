"""The pages on which one record that was sent is checked: what it says, or what changes, and the two decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from core.acting import NothingForm
from core.checking import Sent
from core.forms import HubForm, LongTextField, show_refusal
from core.permissions import Permission


class SendBackForm(HubForm, forms.Form):
    """What whoever wrote it has to change."""

    reason = LongTextField(
        label=gettext_lazy("What should they change?"), rows=4, help_text=gettext_lazy("They read it as you write it.")
    )
    marks_optional = False


@dataclass(frozen=True)
class Difference:
    """One field of a record, as families see it now and as it would be."""

    title: str
    before: str
    after: str
    url: str


class CheckPage(TemplateView):
    """A record that was sent to be checked: only what changed, old and new side by side; or all of a new one."""

    permission = Permission.CHECK_LISTING
    template_name = "core/desk/check.html"
    check: Sent
    request: Any
    # The queue it belongs to, and its own pages; addresses.
    queue_url: str
    home_url: str
    url: str
    approve_url: str
    send_back_url: str

    def differences(self) -> Iterable[Difference]:
        """What to look at."""
        raise NotImplementedError

    def approve_form(self) -> forms.Form:
        """What has to be said when it is approved: nothing."""
        return NothingForm()

    def get(self, request, *args, **kwargs):
        """One that is decided is over."""
        if self.check.decision or not self.check.sent_at:
            messages.info(request, _("This does not wait any more."))
            return redirect(self.queue_url)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """What to look at, and the two decisions."""
        return super().get_context_data(
            check=self.check,
            record=self.check.record,
            home_url=self.home_url,
            queue_url=self.queue_url,
            approve_url=self.approve_url,
            send_back_url=self.send_back_url,
            differences=self.differences(),
            is_own=self.check.sent_by_id == self.request.user.pk,
            approve_form=kwargs.pop("approve_form", None) or self.approve_form(),
            send_back_form=kwargs.pop("send_back_form", None) or SendBackForm(prefix="back"),
            **kwargs,
        )


class _Press(View):
    """A press on the page of a check. It stands before that page's class."""

    check: Sent
    url: str
    request: Any

    def get(self, request, *args, **kwargs):
        """The press is on the page of the check."""
        return redirect(self.url)


class ApprovePress(_Press):
    """The press that lets a record through."""

    def approve(self, said: dict[str, Any]) -> None:
        """Approve it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def approved_form(self) -> forms.Form:
        """What was said with the press."""
        return NothingForm(self.request.POST)

    def after(self, said: dict[str, Any]) -> str:
        """Where to go on."""
        return self.queue_url  # type: ignore[attr-defined]

    def post(self, request, *args, **kwargs):
        """Approve it, or say why not."""
        form = self.approved_form()
        if form.is_valid():
            try:
                self.approve(form.cleaned_data)
            except ValidationError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("Approved. Whoever sent it sees that on their desk."))
                return redirect(self.after(form.cleaned_data))
        return self.render_to_response(self.get_context_data(approve_form=form), status=400)  # type: ignore[attr-defined]


class SendBackPress(_Press):
    """The press that sends a record back."""

    def send_back(self, reason: str) -> None:
        """Send it back. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        """Send it back with the reason."""
        form = SendBackForm(request.POST, prefix="back")
        if form.is_valid():
            try:
                self.send_back(form.cleaned_data["reason"])
            except ValidationError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("Sent back, with what to change."))
                return redirect(self.queue_url)  # type: ignore[attr-defined]
        return self.render_to_response(self.get_context_data(send_back_form=form), status=400)  # type: ignore[attr-defined]
