"""Addresses of messages: for staff, and for programs that tell what came back."""

from django.urls import path

from notices import desk, hooks

app_name = "notices"

urlpatterns = [
    path("desk/messages/", desk.Messages.as_view(), name="messages"),
    path("desk/messages/<uuid:pk>/", desk.OneMail.as_view(), name="mail"),
    path("hooks/bounces/", hooks.bounces, name="bounces-hook"),
    path("hooks/notify/", hooks.notify, name="notify-hook"),
    path("hooks/anymail/<slug:service>/tracking/", hooks.anymail, name="anymail-hook"),
]
