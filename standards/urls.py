"""Addresses of the standard. Public ones are stable."""

from django.urls import path

from standards import views

app_name = "standards"

urlpatterns = [
    # /standard
    path("standard/", views.Whole.as_view(), name="standard"),
    path("standard/summary/", views.Summary.as_view(), name="summary"),
    path("standard/on-paper/", views.Blank.as_view(), name="blank"),
]
