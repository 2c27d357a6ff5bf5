"""Addresses of good practice. Public ones are stable; feed and table take the library's parameters."""

from django.urls import path

from practice import desk, exports, feeds, views

app_name = "practice"

urlpatterns = [
    # /practice
    path("practice/", views.Find.as_view(), name="find"),
    path("practice.csv", exports.ExamplesCsv.as_view(), name="csv"),
    path("practice/feed.atom", feeds.ExamplesFeed(), name="feed"),
    # Other pages of /practice stand before this line: it takes every one word.
    path("practice/<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("practice/<slug:slug>/share/", views.Share.as_view(), name="share"),
    path("practice/<slug:slug>/poster/", views.Poster.as_view(), name="poster"),
    path("practice/<slug:slug>/code.svg", views.Code.as_view(), name="code"),
    # /desk/practice
    path("desk/practice.csv", exports.YourExamplesCsv.as_view(), name="desk-csv"),
    *desk.desk_urlpatterns,
]
