"""Staff pages about organisations: the list, what families read of one and how they reach it, and its past."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import ListView

from accounts.actions import PUT_BACK, put_contact_right, put_organisation_back
from accounts.desk import words_asked
from accounts.forms import OrganisationForm
from accounts.models import Organisation, Role
from accounts.rules import is_fis, paths_of
from core.acting import ActingView
from core.dates import today
from core.freshness import TIMELINE, Freshness
from core.past_pages import PastPage, PutBackPage
from core.permissions import Permission
from core.publishing import Conflict

PER_PAGE = 20


def bodies_led_by(user, words: str):
    """The bodies that have not closed whose words the person may change. `words` narrow them by name."""
    bodies = Organisation.objects.filter(closed_on__isnull=True).select_related("parent")
    if not is_fis(user):
        theirs = Q(pk__in=[])
        for path in paths_of(user, roles=(Role.LEAD,)):
            theirs |= Q(path__startswith=path)
        bodies = bodies.filter(theirs)
    for word in words.split():
        bodies = bodies.filter(name__icontains=word)
    return bodies.order_by("name", "pk")


class Organisations(ListView):
    """The bodies that the person may change, each with how families reach it and when that was last checked."""

    permission = Permission.SEE_PEOPLE
    template_name = "accounts/desk/organisations.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """As far as the person may change them, and with the words that were asked for."""
        self.asked = words_asked(self.request.GET)
        return bodies_led_by(self.request.user, self.asked)

    def get_context_data(self, **kwargs):
        """Each with whether somebody has to check it."""
        day = today()
        context = super().get_context_data(asked=self.asked, **kwargs)
        rows = [(body, TIMELINE.of(body, day) == Freshness.STALE) for body in context["page_obj"]]
        return context | {"rows": rows, "may_add": self.request.user.has_perm(Permission.SET_UP_HUB)}


class AboutOrganisation:
    """A staff page about one body: only for those who may change it."""

    permission = Permission.EDIT_ORGANISATION
    request: Any
    kwargs: dict

    @cached_property
    def record(self) -> Organisation:
        """The body."""
        body = get_object_or_404(Organisation.objects.select_related("parent"), slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, body):
            raise PermissionDenied
        return body

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.record  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ChangeOrganisation(AboutOrganisation, ActingView):
    """What families read of a body, and how they reach it, to be put right. It counts as checked then."""

    template_name = "accounts/desk/organisation.html"
    form_class = OrganisationForm

    def get_initial(self):
        """What it says now."""
        return {name: getattr(self.record, name) for name in OrganisationForm.base_fields}

    def act(self, said):
        """Write it down."""
        try:
            put_contact_right(self.record, by=self.request.user, on=today(), **said)
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None
        messages.success(self.request, _("Saved. Families see it now, and it counts as checked today."))
        return redirect("accounts:organisations")

    def get_context_data(self, **kwargs):
        """Which body it is."""
        return super().get_context_data(organisation=self.record, **kwargs)


class _Past(AboutOrganisation):
    may_be_put_back = PUT_BACK

    @property
    def back_url(self) -> str:
        """The form of the body."""
        return reverse("accounts:organisation-change", args=[self.record.slug])

    @property
    def history_url(self) -> str:
        """The page of what was done."""
        return reverse("accounts:organisation-history", args=[self.record.slug])

    def restore_url(self, number: int) -> str:
        """Where a change can be put back."""
        return reverse("accounts:organisation-put-back", args=[self.record.slug, number])


class OrganisationPast(_Past, PastPage):
    """What was done to a body."""


class PutOrganisationBack(_Past, PutBackPage):
    """Put a word of a body back, or all of them."""

    def put_back(self, facts, version, reason):
        """Put it back."""
        put_organisation_back(self.record, by=self.request.user, facts=facts, version=version)
