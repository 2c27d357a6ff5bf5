"""The public page of an organisation, and the way from a mail into the desk."""

from datetime import timedelta
from functools import cached_property

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, FormView

from accounts import desk, models
from accounts.forms import CodeFromMailForm
from core.actions import say_still_right
from core.dates import today
from core.freshness import not_checked_words
from core.panels import gather
from notices.links import mail_named_in
from notices.models import Mail, mask

# A link in a mail older than this asks for the address as well.
LINK_LASTS = timedelta(days=90)


class Organisation(DetailView):
    """One body: what it is, whether it has promised to answer, and what upper floors know of it."""

    model = models.Organisation
    template_name = "accounts/organisation.html"
    context_object_name = "organisation"

    def get_queryset(self):
        """Every body, also those that have closed: their records stay."""
        return super().get_queryset().select_related("parent")

    def get_context_data(self, **kwargs):
        """The promise that holds for it, and the panels."""
        panels = gather("organisation", [self.object.pk], today())[self.object.pk]
        # What has closed is reached by nobody, and nobody checks how.
        not_checked = "" if self.object.closed_on else not_checked_words(self.object, today())
        return super().get_context_data(
            promise=self.object.promise_holder(), panels=panels, not_checked=not_checked, **kwargs
        )


@method_decorator(never_cache, name="dispatch")
class FromMail(FormView):
    """Where a link in a mail leads: one press sends a code to the mail's reader, and the code opens the form.

    The link itself opens nothing, since mail scanners follow links, and people
    forward mails. Whoever is signed in goes straight on. A link that is not
    ours, or is old, leads to signing in as everybody does.
    """

    form_class = CodeFromMailForm
    template_name = "accounts/from_mail.html"

    def dispatch(self, request, *args, **kwargs):
        """Only to pages of the desk, and only who is not there already."""
        if not self.path.startswith("/desk/"):
            raise Http404
        if request.user.is_authenticated:
            return redirect(self.target)
        if self.address is None:
            return redirect_to_login(self.target)
        return super().dispatch(request, *args, **kwargs)

    @property
    def path(self) -> str:
        """The page that the link is for."""
        return f"/{self.kwargs['path']}"

    @property
    def target(self) -> str:
        """The page with its query."""
        query = self.request.META.get("QUERY_STRING", "")
        return f"{self.path}?{query}" if query else self.path

    @cached_property
    def address(self) -> str | None:
        """The reader of the mail; None when the link is not ours, or too old."""
        mail_id = mail_named_in(self.kwargs["token"], self.path)
        if mail_id is None:
            return None
        since = timezone.now() - LINK_LASTS
        return Mail.objects.filter(pk=mail_id, made_at__gte=since).exclude(address="").values_list(
            "address", flat=True
        ).first()  # fmt: skip

    @cached_property
    def user(self) -> models.User | None:
        """The account with that address. A team's mailbox has none."""
        return models.User.objects.filter(email__iexact=self.address, is_active=True).first()

    def get_form_kwargs(self):
        """The code goes to the reader of the mail and to nobody else."""
        kwargs = super().get_form_kwargs()
        return kwargs | {"data": {"email": self.address}} if self.request.method == "POST" else kwargs

    def form_valid(self, form):
        """Send the code, and go to where it is typed."""
        LoginCodeVerificationProcess.initiate(request=self.request, user=self.user, email=self.address)
        return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': self.target})}")

    def form_invalid(self, form):
        """They asked too often."""
        return self.render_to_response(self.get_context_data(form=form), status=429)

    def get_context_data(self, **kwargs):
        """Whom the code goes to, so that only they can tell; and the usual way in."""
        sign_in = f"{reverse('account_login')}?{urlencode({'next': self.target})}"
        return super().get_context_data(
            address=mask(self.address), has_account=self.user is not None, sign_in_url=sign_in, **kwargs
        )


@method_decorator(never_cache, name="dispatch")
class StillRightFromMail(FromMail):
    """Where the link in a reminder to check something leads: one button, and no code to type.

    The link opens nothing but this page, and only the press says something.
    It is said by the mail's reader, who must still be one of those who may
    change the record. Everybody else signs in, and finds the same button.
    """

    template_name = "accounts/desk/still_right.html"

    def dispatch(self, request, *args, **kwargs):
        """Whoever is signed in goes to the page on the desk; so does who is not the reader, by signing in."""
        self.kind, self.record = desk.checked_record(kwargs["kind"], kwargs["pk"])
        if request.user.is_authenticated:
            return redirect(self.path)
        if self.address is None or self.user is None or not self.user.has_perm(self.kind.edit, self.record):
            return redirect_to_login(self.path)
        return View.dispatch(self, request, *args, **kwargs)

    @property
    def path(self) -> str:
        """The page on the desk that the link was signed for."""
        return reverse("accounts:still-right", args=[self.kwargs["kind"], self.kwargs["pk"]])

    def get(self, request, *args, **kwargs):
        """Since when nobody has looked at it."""
        return render(request, self.template_name, self._context())

    def post(self, request, *args, **kwargs):
        """Say so."""
        say_still_right(self.record, kind=self.kind.name, by=self.user, on=today())
        return render(request, self.template_name, self._context(done=True))

    def _context(self, **more) -> dict:
        return desk.still_right_context(self.kind, self.record) | {"from_mail": True} | more
