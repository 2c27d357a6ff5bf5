"""Addresses of organisations, and of who looks after the hub."""

from django.urls import path

from accounts import desk, views

app_name = "accounts"

urlpatterns = [
    # /organisations
    path("organisations/<slug:slug>/", views.Organisation.as_view(), name="organisation"),
    # /desk/keepers, for staff
    path("desk/keepers/", desk.Keepers.as_view(), name="keepers"),
]
