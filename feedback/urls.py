"""Addresses of the loop. Public ones are stable; feed and table take the log's parameters."""

from django.urls import path

from feedback import desk, exports, feeds, past, views
from feedback.comments import desk as comments_desk
from feedback.comments import views as comments
from feedback.local_offer import desk as local_offer_desk
from feedback.local_offer import views as local_offer
from feedback.parents import desk as parents_desk
from feedback.parents import views as parents

app_name = "feedback"

urlpatterns = [
    # /you-said-we-did
    path("you-said-we-did/", views.LogPage.as_view(), name="log"),
    path("you-said-we-did.csv", exports.LogCsv.as_view(), name="log-csv"),
    path("you-said-we-did/feed.atom", feeds.LogFeed(), name="log-feed"),
    path("you-said-we-did/<int:pk>/", views.EntryPage.as_view(), name="entry"),
    path("you-said-we-did/local-offer/", local_offer.LocalOffer.as_view(), name="local-offer"),
    path("you-said-we-did/local-offer/<int:pk>/", local_offer.LocalOfferReport.as_view(), name="local-offer-report"),
    path("you-said-we-did/local-offer/<int:pk>.csv", local_offer.LocalOfferTable.as_view(), name="local-offer-csv"),
    # /tell-us; its first page is named where every page links to it (hub/urls.py)
    path("tell-us/write/", comments.Tell.as_view(), name="tell"),
    path("tell-us/thank-you/", comments.Told.as_view(), name="told"),
    path("tell-us/on-paper/", comments.OnPaper.as_view(), name="tell-on-paper"),
    path("tell-us/gaps/", comments.Gaps.as_view(), name="gaps"),
    # Did this happen?
    path("did-this-happen/<int:pk>/", parents.DidThisHappen.as_view(), name="happened"),
    path("did-this-happen/<int:pk>/thank-you/", parents.HappenedThanks.as_view(), name="happened-thanks"),
    path("did-this-happen/asked/<str:token>/", parents.ParentAnswers.as_view(), name="parent-answer"),
    path("did-this-happen/thank-you/", parents.ParentThanks.as_view(), name="parent-thanks"),
    # /consultations
    path("consultations/answers/feed.atom", feeds.AnswerFeed(), name="answers-feed"),
    path("consultations/<slug:slug>/reports/", views.ReportsPage.as_view(), name="reports"),
    # /desk/answers/<slug>
    path("desk/answers/<slug:slug>/", desk.WriteAnswer.as_view(), name="answer"),
    path("desk/answers/<slug:slug>/preview/", desk.Preview.as_view(), name="answer-preview"),
    path("desk/answers/<slug:slug>/published/", desk.Published.as_view(), name="answer-published"),
    path("desk/answers/<slug:slug>/told/", desk.Told.as_view(), name="told"),
    path("desk/answers/<slug:slug>/put-right/", desk.PutRight.as_view(), name="answer-put-right"),
    path("desk/answers/<slug:slug>/take-back/", desk.TakeBack.as_view(), name="take-back"),
    path("desk/answers/<slug:slug>/holding-note/", desk.SayWhyLate.as_view(), name="holding-note"),
    path("desk/answers/<slug:slug>/elsewhere/", desk.AnsweredElsewhere.as_view(), name="elsewhere"),
    path("desk/answers/<slug:slug>/delay/", desk.CommentOnDelay.as_view(), name="delay-comment"),
    # /desk/reports
    path("desk/reports/", desk.DeskReports.as_view(), name="desk-reports"),
    path("desk/reports/<slug:slug>/", desk.WriteReport.as_view(), name="report"),
    path("desk/reports/<slug:slug>/published/", desk.ReportPublished.as_view(), name="report-published"),
    path("desk/reports/<slug:slug>/<int:pk>/", desk.PutReportRight.as_view(), name="report-put-right"),
    path("desk/reports/<slug:slug>/<int:pk>/take-back/", desk.TakeReportBack.as_view(), name="report-take-back"),
    # /desk/entries and /desk/log
    path("desk/entries/new/", desk.AddEntry.as_view(), name="entry-add"),
    path("desk/entries/<int:pk>/", desk.UpdateEntry.as_view(), name="promise"),
    path("desk/entries/<int:pk>/owner/", desk.NamePromiseOwner.as_view(), name="entry-owner"),
    path("desk/entries/<int:pk>/history/", past.EntryPast.as_view(), name="entry-history"),
    # /desk/local-offer
    path("desk/local-offer/", local_offer_desk.LocalOfferReports.as_view(), name="local-offer-desk"),
    path("desk/local-offer/days/", local_offer_desk.ChooseDays.as_view(), name="local-offer-days"),
    path("desk/local-offer/draft/", local_offer_desk.DraftOfReport.as_view(), name="local-offer-draft"),
    path("desk/local-offer/sort/", local_offer_desk.CommentsToSort.as_view(), name="local-offer-sort"),
    path("desk/local-offer/sort/<int:pk>/", local_offer_desk.SortComment.as_view(), name="local-offer-comment"),
    # /desk/log
    path("desk/log/", desk.DeskLog.as_view(), name="desk-log"),
    # /desk/tell-us
    *comments_desk.desk_urlpatterns,
    # /desk/parent-checks
    *parents_desk.desk_urlpatterns,
]
