"""Addresses of events. Public ones are stable; lists, feed, table and calendar take the same parameters."""

from django.urls import path

from consultations import previews
from consultations.events import calendars, desk, exports, feeds, past, steps, views
from consultations.help.views import event_urlpatterns

app_name = "events"

urlpatterns = [
    # /events
    path("events/", views.Find.as_view(), name="find"),
    path("events.csv", exports.Csv.as_view(), name="csv"),
    path("events/calendar/", views.Month.as_view(), name="calendar"),
    path("events/calendar/<int:year>/<int:month>/", views.Month.as_view(), name="month"),
    path("events/calendar.ics", calendars.Dates.as_view(), name="ics"),
    path("events/feed.atom", feeds.Events(), name="feed"),
    path("events/<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("events/<slug:slug>/calendar.ics", calendars.DatesOfOne.as_view(), name="ics-of-one"),
    path("events/<slug:slug>/share/", views.Share.as_view(), name="share"),
    path("events/<slug:slug>/poster/", views.Poster.as_view(), name="poster"),
    path("events/<slug:slug>/code.svg", views.Code.as_view(), name="code"),
    *event_urlpatterns,
    path("<language:language>/events/<slug:slug>/", views.Card.as_view(), name="card"),
    # /desk
    path("desk/events.csv", exports.DeskCsv.as_view(), name="desk-csv"),
    path("desk/events/<slug:slug>/history/", past.EventPast.as_view(), name="history"),
    path("desk/events/<slug:slug>/history/<int:number>/put-back/", past.PutEventBack.as_view(), name="put-back"),
    path("desk/events/<slug:slug>/preview/", previews.EventPreviews.as_view(), name="previews"),
    # before the pages of one event, whose address takes every one word
    *steps.desk_urlpatterns,
    *desk.desk_urlpatterns,
]
