"""Addresses of toolkits and links. Public ones are stable; list, feed and table take the same parameters."""

from django.urls import path

from practice.resources import desk, exports, feeds, past, views

app_name = "resources"

urlpatterns = [
    # /resources
    path("resources/", views.Find.as_view(), name="find"),
    path("resources.csv", exports.Csv.as_view(), name="csv"),
    path("resources/feed.atom", feeds.Resources(), name="feed"),
    path("resources/suggest/", views.Suggest.as_view(), name="suggest"),
    path("resources/suggest/thank-you/", views.Suggested.as_view(), name="suggested"),
    path("resources/<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("resources/<slug:slug>/useful/", views.Useful.as_view(), name="useful"),
    path("resources/<slug:slug>/share/", views.Share.as_view(), name="share"),
    path("resources/<slug:slug>/poster/", views.Poster.as_view(), name="poster"),
    path("resources/<slug:slug>/code.svg", views.Code.as_view(), name="code"),
    # /desk/resources
    path("desk/resources.csv", exports.DeskCsv.as_view(), name="desk-csv"),
    path("desk/resources/", desk.Resources.as_view(), name="desk-resources"),
    path("desk/resources/new/", desk.AddResource.as_view(), name="add"),
    path("desk/resources/suggestions/", desk.Suggestions.as_view(), name="suggestions"),
    path("desk/resources/suggestions/<int:pk>/accept/", desk.AcceptSuggestion.as_view(), name="accept"),
    path("desk/resources/suggestions/<int:pk>/decline/", desk.DeclineSuggestion.as_view(), name="decline"),
    path("desk/resources/suggestions/<int:pk>/again/", desk.TakeUpAgain.as_view(), name="take-up-again"),
    path("desk/resources/<slug:slug>/", desk.OneResource.as_view(), name="desk-resource"),
    path("desk/resources/<slug:slug>/edit/", desk.ChangeResource.as_view(), name="edit"),
    path("desk/resources/<slug:slug>/send/", desk.SendResource.as_view(), name="send"),
    path("desk/resources/<slug:slug>/publish/", desk.PublishResource.as_view(), name="publish"),
    path("desk/resources/<slug:slug>/send-back/", desk.SendResourceBack.as_view(), name="send-back"),
    path("desk/resources/<slug:slug>/archive/", desk.ArchiveResource.as_view(), name="archive"),
    path("desk/resources/<slug:slug>/throw-away/", desk.ThrowResourceAway.as_view(), name="throw-away"),
    path("desk/resources/<slug:slug>/bring-back/", desk.BringResourceBack.as_view(), name="bring-back"),
    path("desk/resources/<slug:slug>/history/", past.ResourcePast.as_view(), name="history"),
    path("desk/resources/<slug:slug>/history/<int:number>/put-back/", past.PutResourceBack.as_view(), name="put-back"),
]
