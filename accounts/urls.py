"""Addresses of organisations, of people, and the way from a mail into the desk."""

from django.urls import path

from accounts import desk, exports, organisations, views
from notices.links import PREFIX

app_name = "accounts"

urlpatterns = [
    # Links in mails to staff
    path(
        f"{PREFIX}/<slug:token>/desk/still-right/<slug:kind>/<int:pk>/",
        views.StillRightFromMail.as_view(),
        name="still-right-from-mail",
    ),
    path(f"{PREFIX}/<slug:token>/<path:path>", views.FromMail.as_view(), name="from-mail"),
    # /organisations
    path("organisations/<slug:slug>/", views.Organisation.as_view(), name="organisation"),
    # /desk/organisations
    path("desk/organisations/", organisations.Organisations.as_view(), name="organisations"),
    path("desk/organisations/<slug:slug>/", organisations.ChangeOrganisation.as_view(), name="organisation-change"),
    path(
        "desk/organisations/<slug:slug>/history/",
        organisations.OrganisationPast.as_view(),
        name="organisation-history",
    ),
    path(
        "desk/organisations/<slug:slug>/history/<int:number>/put-back/",
        organisations.PutOrganisationBack.as_view(),
        name="organisation-put-back",
    ),
    # /desk/people
    path("desk/people.csv", exports.PeopleCsv.as_view(), name="people-csv"),
    path("desk/people/", desk.People.as_view(), name="people"),
    path("desk/people/new/", desk.AddPerson.as_view(), name="person-add"),
    path("desk/people/<int:pk>/", desk.HandOver.as_view(), name="hand-over"),
    path("desk/people/<int:pk>/address/", desk.ChangeAddress.as_view(), name="address"),
    path("desk/people/<int:pk>/sign-in/", desk.HelpSignIn.as_view(), name="sign-in-of"),
    path("desk/people/<int:pk>/messages/", desk.MessagesTo.as_view(), name="messages-to"),
    # /desk/account, for oneself
    path("desk/account/sign-out-everywhere/", desk.SignOutEverywhere.as_view(), name="sign-out-everywhere"),
    path("desk/account/welcome/", desk.Welcome.as_view(), name="welcome"),
    # /desk/still-right
    path("desk/still-right/<slug:kind>/<int:pk>/", desk.StillRight.as_view(), name="still-right"),
    # /desk/watching, /desk/notes and /desk/labels
    path("desk/watching/", desk.Watching.as_view(), name="watching"),
    path("desk/notes/<slug:kind>/<int:pk>/", desk.Notes.as_view(), name="notes"),
    path("desk/notes/<slug:kind>/<int:pk>/<int:note>/erase/", desk.EraseNote.as_view(), name="note-erase"),
    path("desk/labels/", desk.Labels.as_view(), name="labels"),
    path("desk/labels/<str:label>/", desk.Labelled.as_view(), name="labelled"),
    # /desk/keepers, for staff
    path("desk/keepers/", desk.Keepers.as_view(), name="keepers"),
]
