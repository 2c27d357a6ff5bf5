"""Addresses of events. Public ones are stable; lists, feed and calendar take the same parameters."""

from django.urls import path

from consultations.events import desk, views

app_name = "events"

urlpatterns = [
    # /events
    path("events/", views.Find.as_view(), name="find"),
    path("events/calendar/", views.Month.as_view(), name="calendar"),
    path("events/calendar/<int:year>/<int:month>/", views.Month.as_view(), name="month"),
    path("events/<slug:slug>/", views.Detail.as_view(), name="detail"),
    # /desk
    *desk.desk_urlpatterns,
]
