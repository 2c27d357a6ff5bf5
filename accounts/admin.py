"""Organisations and people in Django's admin, for superusers only."""

from django.contrib import admin

from accounts.models import Membership, Organisation, User


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """The tree of bodies."""

    list_display = ["name", "kind", "parent", "promise_accepted_on"]
    list_select_related = ["parent"]
    list_filter = ["kind"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts. Passwords are never shown or set here: people get a code by e-mail."""

    list_display = ["email", "name", "is_active", "is_superuser"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser"]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Who acts for whom."""

    list_display = ["user", "organisation", "role", "job_title", "ended_on"]
    list_select_related = ["user", "organisation"]
    list_filter = ["role"]
    search_fields = ["user__email", "organisation__name"]
    autocomplete_fields = ["user", "organisation"]
