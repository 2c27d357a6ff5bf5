"""A page with a form whose action may refuse: what it says stands beside its field, and everything typed is kept."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView

from core.forms import show_refusal


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


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class WithoutCookie:
    """A form that anybody may send, signed in or not: it sets no cookie, and asks where it was sent from instead.

    Its own form carries a `OnceField`. Put it before the view.
    """

    def dispatch(self, request, *args, **kwargs):
        """The page."""
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        """Refuse what another site sends in a visitor's name."""
        said = request.headers.get("Origin")
        ours = {"{0.scheme}://{0.netloc}".format(urlsplit(settings.HUB_BASE_URL)), request.build_absolute_uri("/")[:-1]}
        if said is not None and said not in ours:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)
