"""The public page on which a family stops e-mails that it asked for."""

from functools import cached_property

from django.http import Http404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from core.dates import today
from notices import actions
from notices.links import LEAVE, mail_named_in
from notices.models import Mail, Recipient
from notices.reasons import lines_about


# Mail programs press for their readers (RFC 8058), without a page before it. The token says who asks, so there is
# nothing that a forged form could do, and nothing to guess. How often is not limited: one provider presses for many.
@method_decorator([csrf_exempt, never_cache], name="dispatch")
class Leave(TemplateView):
    """One button that stops news of what a mail was about. Opening the page stops nothing: scanners follow links."""

    template_name = "notices/leave.html"

    @cached_property
    def mail(self) -> Mail:
        """The mail that the link was in."""
        mail_id = mail_named_in(self.kwargs["token"], LEAVE)
        mail = Mail.objects.filter(pk=mail_id).first() if mail_id else None
        if mail is None:
            raise Http404
        return mail

    def get_context_data(self, **kwargs):
        """What it was about."""
        news = list(self.mail.notices.filter(role=Recipient.FOLLOWER).order_by("pk"))
        lines = lines_about(news, today()).values()
        return super().get_context_data(lines=sorted(lines, key=lambda line: line.title), **kwargs)

    def post(self, request, *args, **kwargs):
        """Stop them. Pressed twice it is the same."""
        actions.stop_news(self.mail, now=timezone.now())
        return self.render_to_response(self.get_context_data(has_left=True))
