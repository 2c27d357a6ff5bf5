"""Addresses of consultations. Public ones are stable; the feed and the table take the finder's parameters."""

from django.urls import path

from consultations import desk, exports, feeds, views

app_name = "consultations"

urlpatterns = [
    # /consultations
    path("consultations/", views.Find.as_view(), name="find"),
    path("consultations.csv", exports.Csv.as_view(), name="csv"),
    path("consultations/feed.atom", feeds.Consultations(), name="feed"),
    path("consultations/planned/", views.Planned.as_view(), name="planned"),
    path("consultations/<slug:slug>/", views.Detail.as_view(), name="detail"),
    # /desk
    *desk.desk_urlpatterns,
]
