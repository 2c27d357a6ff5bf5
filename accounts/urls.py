"""Addresses of organisations."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    # /organisations
    path("organisations/<slug:slug>/", views.Organisation.as_view(), name="organisation"),
]
