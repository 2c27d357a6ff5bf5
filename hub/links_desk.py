"""The staff page of links that do not work."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from core import tasks
from core.links import broken_for, places, words
from core.permissions import Permission

PER_PAGE = 20
# Nobody’s site is asked more often than that, however often somebody presses.
NOT_AGAIN_FOR = timedelta(minutes=1)


class BrokenLinks(TemplateView):
    """The broken links that this person can mend, each with the records that show it."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/links.html"

    def get_context_data(self, **kwargs):
        """A page of links, the longest broken first."""
        user = self.request.user
        page = Paginator(broken_for(user), PER_PAGE).get_page(self.request.GET.get("page"))
        shown_by = places(page.object_list, user)
        rows = [{"link": link, "words": words(link), "places": shown_by[link.pk]} for link in page]
        return super().get_context_data(page=page, rows=rows, **kwargs)


class CheckLink(View):
    """Try one link again, out of turn: somebody has mended the other end."""

    permission = Permission.USE_DESK

    def get(self, request, pk: int):
        """Nothing to see here: its list, for whom it concerns."""
        get_object_or_404(broken_for(request.user), pk=pk)
        return redirect("broken-links")

    def post(self, request, pk: int):
        """Ask a worker to try it: a site that is slow must not hold up a page."""
        link = get_object_or_404(broken_for(request.user), pk=pk)
        if link.checked_at and link.checked_at > timezone.now() - NOT_AGAIN_FOR:
            messages.info(request, _("We tried this link a moment ago. Wait a minute."))
            return redirect("broken-links")
        with transaction.atomic():
            transaction.on_commit(lambda: tasks.check_link.delay(link.pk))
        messages.success(request, _("We are trying the link. If it works, it will be gone from this list in a minute."))
        return redirect("broken-links")
