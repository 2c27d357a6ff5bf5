"""Addresses of consultations. Public ones are stable; feed, calendar and table take the finder's parameters."""

from django.urls import path, register_converter

from consultations import calendars, desk, documents, exports, feeds, importing, past, previews, views
from consultations.help import desk as help_desk
from consultations.help import exports as help_exports
from consultations.help import views as help_views
from consultations.languages import LanguageConverter
from consultations.sources import desk as sources
from consultations.writing import desk as writing
from consultations.writing import exports as writing_exports

register_converter(LanguageConverter, "language")

app_name = "consultations"

urlpatterns = [
    # /consultations
    path("consultations/", views.Find.as_view(), name="find"),
    path("consultations.csv", exports.Csv.as_view(), name="csv"),
    path("consultations/feed.atom", feeds.Consultations(), name="feed"),
    path("consultations/calendar.ics", calendars.Closing.as_view(), name="calendar"),
    path("consultations/planned/", views.Planned.as_view(), name="planned"),
    path("consultations/<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("consultations/<slug:slug>/calendar.ics", calendars.ClosingOfOne.as_view(), name="closing-date"),
    path("consultations/<slug:slug>/share/", views.Share.as_view(), name="share"),
    path("consultations/<slug:slug>/poster/", views.Poster.as_view(), name="poster"),
    path("consultations/<slug:slug>/code.svg", views.Code.as_view(), name="code"),
    path("consultations/<slug:slug>/documents/<int:pk>/", documents.Download.as_view(), name="document"),
    *help_views.consultation_urlpatterns,
    path("help-to-take-part.csv", help_exports.CountsCsv.as_view(), name="help-counts-csv"),
    # For one family
    path("families-like-mine/", views.LikeMine.as_view(), name="like-mine"),
    path("my-list/", views.MyList.as_view(), name="my-list"),
    # A language has its own prefix
    path("<language:language>/consultations/<slug:slug>/", views.Card.as_view(), name="card"),
    # /desk
    path("desk/consultations.csv", writing_exports.ListingsCsv.as_view(), name="desk-csv"),
    path("desk/imported.csv", exports.HeldRowsCsv.as_view(), name="held-rows-csv"),
    path("desk/help.csv", help_exports.RequestsCsv.as_view(), name="help-requests-csv"),
    path("desk/checks.csv", writing_exports.ChecksCsv.as_view(), name="checks-csv"),
    path("desk/consultations/<slug:slug>/history/", past.ConsultationPast.as_view(), name="history"),
    path(
        "desk/consultations/<slug:slug>/history/<int:number>/put-back/",
        past.PutConsultationBack.as_view(),
        name="put-back",
    ),
    path("desk/consultations/<slug:slug>/preview/", previews.ConsultationPreviews.as_view(), name="previews"),
    path("desk/consultations/<slug:slug>/documents/", documents.Documents.as_view(), name="documents"),
    path("desk/consultations/<slug:slug>/documents/new/", documents.AddDocument.as_view(), name="document-add"),
    path(
        "desk/consultations/<slug:slug>/documents/<int:pk>/",
        documents.ChangeDocument.as_view(),
        name="document-change",
    ),
    path(
        "desk/consultations/<slug:slug>/documents/<int:pk>/remove/",
        documents.RemoveDocument.as_view(),
        name="document-remove",
    ),
    path(
        "desk/consultations/<slug:slug>/documents/waiting/<slug:key>/",
        documents.ChangeProposal.as_view(),
        name="document-proposal",
    ),
    path(
        "desk/consultations/<slug:slug>/documents/waiting/<slug:key>/take-back/",
        documents.DropProposal.as_view(),
        name="document-take-back",
    ),
    path(
        "desk/consultations/<slug:slug>/documents/waiting/<slug:key>/file/",
        documents.ProposedFile.as_view(),
        name="document-proposed-file",
    ),
    path("desk/imports/new/", importing.NewImport.as_view(), name="import-new"),
    path("desk/imports/runs/<int:pk>/", importing.ShowRun.as_view(), name="import-run"),
    path("desk/imports/runs/<int:pk>/rejected.csv", importing.RejectedRows.as_view(), name="import-rejected"),
    *desk.desk_urlpatterns,
    *writing.desk_urlpatterns,
    *sources.desk_urlpatterns,
    *help_desk.desk_urlpatterns,
]
