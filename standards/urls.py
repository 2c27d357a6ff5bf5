"""Addresses of the standard. Public ones are stable."""

from django.urls import path

from standards import desk, exports, views
from standards.parents import desk as parents_desk
from standards.plan import desk as plan_desk

app_name = "standards"

urlpatterns = [
    # /standard
    path("standard/", views.Whole.as_view(), name="standard"),
    path("standard/summary/", views.Summary.as_view(), name="summary"),
    path("standard/on-paper/", views.Blank.as_view(), name="blank"),
    path("standard/register/", views.Register.as_view(), name="register"),
    path("standard/register.csv", exports.RegisterCsv.as_view(), name="register-csv"),
    path("standard/register/<slug:slug>/check.csv", exports.CheckCsv.as_view(), name="check-csv"),
    path("standard/register/<slug:slug>/", views.Pledge.as_view(), name="of-organisation"),
    path("standard/register/<slug:slug>/badge.svg", views.Badge.as_view(), name="badge"),
    # /desk/standard
    *parents_desk.desk_urlpatterns,
    *plan_desk.desk_urlpatterns,
    *desk.desk_urlpatterns,
]
