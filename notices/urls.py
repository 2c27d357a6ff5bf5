"""Addresses of messages: all for staff."""

from django.urls import path

from notices import desk

app_name = "notices"

urlpatterns = [
    path("desk/messages/", desk.Messages.as_view(), name="messages"),
    path("desk/messages/<uuid:pk>/", desk.OneMail.as_view(), name="mail"),
    # /desk/reminders
    path("desk/reminders/", desk.Timings.as_view(), name="timings"),
    path("desk/reminders/new/<slug:reason>/", desk.AddTiming.as_view(), name="timing-add"),
    path("desk/reminders/<int:pk>/", desk.EditTiming.as_view(), name="timing"),
    path("desk/reminders/<int:pk>/stop/", desk.StopTiming.as_view(), name="timing-stop"),
]
