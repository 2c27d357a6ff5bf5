"""Every address of the site. Each app lists its own; this page joins them."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from consultations.documents import PreviewDownload
from consultations.previews import Preview
from feedback.comments.views import TellUs
from hub import desk, exports, health, links_desk, reports_desk, rights_desk, setup, sitemaps, views
from hub.theme import theme
from hub.who_can import WhoCanDoWhat

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("", include("consultations.urls")),
    path("", include("consultations.events.urls")),
    path("", include("consultations.plan.urls")),
    path("", include("feedback.urls")),
    path("", include("practice.resources.urls")),
    path("", include("practice.urls")),
    path("", include("standards.urls")),
    path("", include("accounts.urls")),
    path("", include("notices.urls")),
    path("desk/", desk.FrontPage.as_view(), name="desk"),
    path("desk/owed.csv", exports.OwedCsv.as_view(), name="desk-owed-csv"),
    path("desk/data/", exports.DeskData.as_view(), name="desk-data"),
    path("desk/data/columns.csv", exports.DeskColumnsCsv.as_view(), name="desk-data-csv"),
    path("desk/late/", desk.LateAnswers.as_view(), name="desk-late"),
    path("desk/late-reports/", desk.LateReports.as_view(), name="desk-late-reports"),
    path("desk/due/", desk.DueSoon.as_view(), name="desk-due"),
    path("desk/promises/", desk.PromisesPast.as_view(), name="desk-promises"),
    path("desk/on-time/", desk.OnTime.as_view(), name="desk-on-time"),
    path("desk/search-words/", desk.Synonyms.as_view(), name="synonyms"),
    path("desk/search-words/add/", desk.AddSynonym.as_view(), name="synonym-add"),
    path("desk/search-words/<int:pk>/", desk.ChangeSynonym.as_view(), name="synonym"),
    path("desk/search-words/<int:pk>/remove/", desk.RemoveSynonym.as_view(), name="synonym-remove"),
    path("desk/search-words/<int:pk>/restore/", desk.RestoreSynonym.as_view(), name="synonym-restore"),
    path("desk/search-words/nothing-found/", desk.FruitlessSearches.as_view(), name="fruitless"),
    path("desk/search-words/nothing-found/<int:pk>/forget/", desk.ForgetSearch.as_view(), name="fruitless-forget"),
    path("desk/links/", links_desk.BrokenLinks.as_view(), name="broken-links"),
    path("desk/links/<int:pk>/check/", links_desk.CheckLink.as_view(), name="check-link"),
    path("desk/rights/", rights_desk.Rights.as_view(), name="rights"),
    path("desk/rights/kept/", rights_desk.Kept.as_view(), name="kept"),
    path("desk/setup/", include(setup.urlpatterns)),
    path("desk/who-can-do-what/", WhoCanDoWhat.as_view(), name="who-can"),
    path("desk/board-reports/", reports_desk.BoardReports.as_view(), name="board-reports"),
    path("desk/board-reports/<int:year>/<int:quarter>/", reports_desk.DraftReport.as_view(), name="board-report-draft"),
    path("desk/board-reports/<int:pk>/", reports_desk.IssuedBoardReport.as_view(), name="board-report"),
    path("desk/board-reports/<int:pk>/report.csv", reports_desk.BoardReportTable.as_view(), name="board-report-csv"),
    path("desk/evidence-pack/", reports_desk.EvidencePack.as_view(), name="evidence-pack"),
    path("search/", views.Search.as_view(), name="search"),
    path("search/opensearch.xml", views.OpenSearch.as_view(), name="opensearch"),
    path("open-data/", exports.OpenData.as_view(), name="open-data"),
    path("open-data/columns.csv", exports.ColumnsCsv.as_view(), name="open-data-csv"),
    # Pages of plain words
    path("help/", views.Words.as_view(template_name="pages/help.html"), name="help"),
    path("privacy/", views.Privacy.as_view(), name="privacy"),
    path("accessibility/", views.Words.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("alerts/new/", views.GetAlerts.as_view(), name="alerts-new"),
    path("tell-us/", TellUs.as_view(), name="tell-us"),
    path("preview/<str:token>/", Preview.as_view(), name="preview"),
    path("preview/<str:token>/documents/<int:pk>/", PreviewDownload.as_view(), name="preview-document"),
    path("theme.css", theme, name="theme"),
    path("robots.txt", views.Robots.as_view(), name="robots"),
    # For machines and superusers
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<section>.xml", sitemap, {"sitemaps": sitemaps.SITEMAPS}, name="sitemap-part"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("health/counters", health.counters, name="health-counters"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "hub.views.bad_request"
handler403 = "hub.views.forbidden"
handler404 = "hub.views.not_found"
handler500 = "hub.views.server_error"
