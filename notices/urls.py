"""Addresses of messages: all for staff."""

from django.urls import path

app_name = "notices"

urlpatterns: list = []
