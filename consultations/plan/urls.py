"""Addresses of the forward plan. Public ones are stable."""

from django.urls import path

from consultations.plan import desk, views

app_name = "plan"

urlpatterns = [
    path("plans/<slug:slug>/", views.OneUmbrella.as_view(), name="umbrella"),
    path("what-families-are-asked/", views.WhatIsAsked.as_view(), name="asked"),
    # /desk
    *desk.desk_urlpatterns,
]
