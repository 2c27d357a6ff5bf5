"""Django's admin, for superusers only. They sign in where everybody does, with its limits and second steps."""

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse

from accounts.rules import is_superuser


class SuperusersSite(admin.AdminSite):
    """The admin without a sign-in form of its own, which nothing would limit."""

    def has_permission(self, request) -> bool:
        """Superusers, and nobody else whatever Django's own flags say."""
        return is_superuser(request.user)

    def login(self, request, extra_context=None):
        """To the hub's own sign-in; who has signed in already either may pass or may not."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))
