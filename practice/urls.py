"""Addresses of good practice. Public ones are stable; feed and table take the library's parameters."""

from django.urls import path

from practice import desk, exports, feeds, views
from practice.network import desk as network_desk
from practice.network import views as network
from practice.stories import desk as stories_desk
from practice.stories import exports as stories_exports
from practice.stories import feeds as stories_feeds
from practice.stories import views as stories

app_name = "practice"

urlpatterns = [
    # /practice
    path("practice/", views.Find.as_view(), name="find"),
    path("practice.csv", exports.ExamplesCsv.as_view(), name="csv"),
    path("practice/feed.atom", feeds.ExamplesFeed(), name="feed"),
    path("practice/stories/", stories.Stories.as_view(), name="stories"),
    path("practice/stories.csv", stories_exports.StoriesCsv.as_view(), name="stories-csv"),
    path("practice/stories/feed.atom", stories_feeds.Stories(), name="stories-feed"),
    path("practice/stories/<slug:slug>/", stories.Story.as_view(), name="story"),
    path("practice/network/", network.Network.as_view(), name="network"),
    path("practice/network/join/", network.Join.as_view(), name="network-join"),
    path("practice/network/join/thank-you/", network.Joined.as_view(), name="network-joined"),
    # Other pages of /practice stand before this line: it takes every one word.
    path("practice/<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("practice/<slug:slug>/share/", views.Share.as_view(), name="share"),
    path("practice/<slug:slug>/poster/", views.Poster.as_view(), name="poster"),
    path("practice/<slug:slug>/code.svg", views.Code.as_view(), name="code"),
    # /desk/practice
    path("desk/practice.csv", exports.YourExamplesCsv.as_view(), name="desk-csv"),
    *desk.desk_urlpatterns,
    # /desk/stories
    *stories_desk.desk_urlpatterns,
    # /desk/network
    *network_desk.desk_urlpatterns,
]
