"""Addresses of consultations. Public ones are stable; feed, calendar and table take the finder's parameters."""

from django.urls import path

from consultations import calendars, desk, exports, feeds, views

app_name = "consultations"

urlpatterns = [
    # /consultations
    path("consultations/", views.Find.as_view(), name="find"),
    path("consultations.csv", exports.Csv.as_view(), name="csv"),
    path("consultations/feed.atom", feeds.Consultations(), name="feed"),
    path("consultations/calendar.ics", calendars.Closing.as_view(), name="calendar"),
    path("consultations/planned/", views.Planned.as_view(), name="planned"),
    path("consultations/<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("consultations/<slug:slug>/calendar.ics", calendars.ClosingOfOne.as_view(), name="closing-date"),
    # /desk
    *desk.desk_urlpatterns,
]
