"""Addresses of messages: for staff, for families who stop them, and for programs that tell what came back."""

from django.urls import path

from notices import desk, exports, hooks, views

app_name = "notices"

urlpatterns = [
    path("desk/messages.csv", exports.SentCsv.as_view(), name="messages-csv"),
    path("desk/messages/", desk.Messages.as_view(), name="messages"),
    path("desk/messages/<uuid:pk>/", desk.OneMail.as_view(), name="mail"),
    path("desk/messages/<uuid:pk>/page/", desk.MailPage.as_view(), name="mail-page"),
    path("desk/messages/about/<slug:reason>/<int:pk>/", desk.Thing.as_view(), name="thing"),
    path("desk/messages/about/<slug:reason>/<int:pk>/steer/", desk.Steer.as_view(), name="steer"),
    path("desk/messages/about/<slug:reason>/<int:pk>/hold/", desk.HoldBack.as_view(), name="hold"),
    path("desk/messages/faults/<int:pk>/", desk.FaultPage.as_view(), name="fault"),
    # /desk/reminders
    path("desk/reminders/", desk.Timings.as_view(), name="timings"),
    path("desk/reminders/new/<slug:reason>/", desk.AddTiming.as_view(), name="timing-add"),
    path("desk/reminders/<int:pk>/", desk.EditTiming.as_view(), name="timing"),
    path("desk/reminders/<int:pk>/stop/", desk.StopTiming.as_view(), name="timing-stop"),
    # /alerts, for families
    path("alerts/", views.Alerts.as_view(), name="alerts"),
    path("alerts/check-your-email/", views.Check.as_view(), name="check"),
    path("alerts/link/", views.AskForLink.as_view(), name="ask-for-link"),
    path("alerts/confirm/<slug:token>/", views.Confirm.as_view(), name="confirm"),
    path("alerts/manage/<slug:token>/", views.Manage.as_view(), name="manage"),
    path("alerts/leave/<slug:token>/", views.Leave.as_view(), name="leave"),
    # /hooks, for mail servers and services
    path("hooks/bounces/", hooks.bounces, name="bounces-hook"),
    path("hooks/notify/", hooks.notify, name="notify-hook"),
    path("hooks/anymail/<slug:service>/tracking/", hooks.anymail, name="anymail-hook"),
]
