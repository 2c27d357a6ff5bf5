"""Addresses of organisations, and the way from a mail into the desk."""

from django.urls import path

from accounts import views
from notices.links import PREFIX

app_name = "accounts"

urlpatterns = [
    # Links in mails to staff
    path(f"{PREFIX}/<slug:token>/<path:path>", views.FromMail.as_view(), name="from-mail"),
    # /organisations
    path("organisations/<slug:slug>/", views.Organisation.as_view(), name="organisation"),
]
