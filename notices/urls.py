"""Addresses of messages: all for staff."""

from django.urls import path

from notices import desk

app_name = "notices"

urlpatterns = [
    path("desk/messages/", desk.Messages.as_view(), name="messages"),
    path("desk/messages/<uuid:pk>/", desk.OneMail.as_view(), name="mail"),
]
