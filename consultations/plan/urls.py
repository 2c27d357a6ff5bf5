"""Addresses of the forward plan. Public ones are stable."""

from django.urls import path

from consultations.plan import desk, exports, views

app_name = "plan"

urlpatterns = [
    path("plans/<slug:slug>/", views.OneUmbrella.as_view(), name="umbrella"),
    path("what-families-are-asked/", views.WhatIsAsked.as_view(), name="asked"),
    # /desk
    path("desk/plan/intentions.csv", exports.IntentionsCsv.as_view(), name="intentions-csv"),
    *desk.desk_urlpatterns,
]
