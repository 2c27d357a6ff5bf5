"""Staff pages of the loop: write, preview and publish an answer, a holding note, a promise, a log entry, a report."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Max
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView, ListView, TemplateView

from accounts.beside import beside
from accounts.forms import Takers, bodies_of
from accounts.models import Membership
from accounts.rules import writes_somewhere
from consultations.actions import comment_on_delay, promises_reports
from consultations.models import Consultation
from consultations.stages import REPORTS, TIMELINE, Stage, report_words, stage_words
from core.acting import ActingView
from core.dates import today
from core.forms import HubForm, Problem, once, show_refusal
from core.permissions import Permission
from core.publishing import Conflict
from feedback import actions, drafts
from feedback.checks import report_lacks
from feedback.finder import PER_PAGE
from feedback.forms import (
    MOST_ROWS,
    AnswerPage,
    DelayCommentForm,
    ElsewhereForm,
    EntryForm,
    HoldingNoteForm,
    PromiseForm,
    ReportCorrectionForm,
    ReportForm,
    ToldForm,
)
from feedback.models import Draft, FeedbackEntry, HoldingNote, Kind, Response, StandingReport
from feedback.panels import Answer, Report, answers
from feedback.queues import may_write, owned, theirs
from feedback.stages import owned_points, pair_of
from notices.actions import mend_duties


class AboutConsultation:
    """A staff page about the answer to one consultation, for those who may write that answer."""

    permission = Permission.WRITE_ANSWER

    @cached_property
    def consultation(self) -> Consultation:
        """The consultation, if this person may answer it."""
        rows = Consultation.objects.kept().select_related("organisation", "owner__user", "deputy__user").defer("search")
        consultation = get_object_or_404(rows, slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, consultation):
            raise PermissionDenied
        return consultation

    @cached_property
    def response(self) -> Response | None:
        """Its published answer, if it is out."""
        return Response.objects.published().filter(consultation=self.consultation).first()

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not write for this consultation."""
        self.today = today()
        self.consultation  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)

    def context(self, **more) -> dict:
        """What each of these pages shows of the consultation."""
        return {
            "consultation": self.consultation,
            "stage": TIMELINE.of(self.consultation, self.today),
            "stage_words": stage_words(self.consultation, self.today),
            **more,
        }

    def address(self, name: str) -> str:
        """The address of another page about this consultation's answer."""
        return reverse(f"feedback:{name}", args=[self.consultation.slug])


# The answer


class WriteAnswer(AboutConsultation, View):
    """The answer on one page, saved as one goes; every button keeps everything typed."""

    template_name = "feedback/desk/answer.html"

    def get(self, request, *args, **kwargs):
        """The draft, or a fresh one made from the listing. `?check=1` says beside each field what is lacking."""
        draft = Draft.objects.filter(consultation=self.consultation).first()
        if self.response and not (draft and draft.typed.get("correcting")):
            return render(request, "feedback/desk/answered.html", self.context(response=self.response))
        typed = draft.typed if draft else self._fresh()
        if request.GET.get("check") and draft:
            page = AnswerPage(typed, check=True)
            return self._show(page, draft, left=lacking(self.consultation, page, self.today)[1])
        return self._show(AnswerPage(typed), draft)

    def post(self, request, *args, **kwargs):
        """Save, then do what the pressed button says."""
        typed = AnswerPage.read(request.POST)
        do = request.POST.get("do", "save")
        target = self._change_rows(typed, do)
        draft = Draft.objects.filter(consultation=self.consultation).select_related("saved_by").first()
        try:
            draft = actions.save_draft(
                self.consultation, by=request.user, typed=typed, version=_number(request.POST.get("version"))
            )
        except actions.AlreadyAnswered:
            if self._wants_json:
                return JsonResponse(
                    {"words": _("The answer has been published. Your changes are not saved.")}, status=409
                )
            return self._show(AnswerPage(typed), None, answered=self.response, status=409)
        except Conflict:
            if self._wants_json:
                return JsonResponse({"words": _("Somebody else saved in between. Press Save to see both.")}, status=409)
            theirs = differences(AnswerPage(typed), AnswerPage(draft.typed))
            return self._show(AnswerPage(typed), draft, theirs=theirs, theirs_by=draft.saved_by, status=409)
        if self._wants_json:
            return JsonResponse({"version": draft.version, "words": saved_words(draft)})
        if do == "preview":
            return redirect(self.address("answer-preview"))
        if not target:
            messages.success(request, saved_words(draft))
        return redirect(f"{self.address('answer')}{target}")

    @property
    def _wants_json(self) -> bool:
        return self.request.headers.get("Accept") == "application/json"

    def _fresh(self) -> dict:
        consultation = (Consultation.objects.prefetch_related("documents__format", "ways__method").defer("search")).get(
            pk=self.consultation.pk
        )
        return drafts.prefill(consultation, self.today)

    def _change_rows(self, typed, do) -> str:
        """Add or take away a row, or change how full the answer is. Returns where on the page to go on."""
        verb, _dash, row = do.partition("-")
        rows = {"add-theme": "themes", "add-way": "ways"}.get(do)
        if rows:
            if len(typed[rows]) < MOST_ROWS:
                typed[rows].append({})
            else:
                messages.info(self.request, _("One answer takes up to %(most)d of these.") % {"most": MOST_ROWS})
            return f"#{rows}-{len(typed[rows]) - 1}"
        if verb == "remove" and row.isdecimal() and len(row) < 4 and int(row) < len(typed["themes"]):
            del typed["themes"][int(row)]
            typed["themes"] = typed["themes"] or [{}]
            return "#you-said"
        if do in (Kind.SHORT, Kind.FULL):
            typed["kind"] = do
        return ""

    def _show(self, page: AnswerPage, draft: Draft | None, *, status: int = 200, left=(), **more):
        found = page.problems(left)
        return render(
            self.request,
            self.template_name,
            self.context(
                page=page,
                version=draft.version if draft else 0,
                saved=saved_words(draft) if draft else "",
                problems=found,
                has_errors=bool(found),
                **more,
            ),
            status=status,
        )


def saved_words(draft: Draft) -> str:
    """When the draft was saved last."""
    at = timezone.localtime(draft.saved_at)
    return _("Saved at %(time)s. Families cannot see it yet.") % {"time": time_format(at, "H:i")}


def lacking(consultation, page: AnswerPage, day) -> tuple[Answer | None, list[Problem]]:
    """The answer as families would see it, with what it lacks put beside the page's fields.

    Returns also what is about no field. No answer when some value cannot be read.
    """
    if not page.is_valid():
        return None, []
    response, entries, lacks = actions.draw_up(
        consultation, facts=page.facts(), themes=page.theme_facts(), kind=page.kind, on=day
    )
    left = page.add_errors(ValidationError(lacks)) if lacks else []
    shown = Answer(response, entries, consultation.closes_on, consultation.responded_on or day, day, is_preview=True)
    return shown, left


def differences(mine: AnswerPage, theirs: AnswerPage) -> list[dict]:
    """Where two people typed different things: the field's label, and what the other one typed."""
    found = []
    places = [("", mine.answer, theirs.answer)]
    for number in range(max(len(mine.themes), len(theirs.themes))):
        places.append(
            (
                _("Point %(number)d: ") % {"number": number + 1},
                mine.themes[number] if number < len(mine.themes) else None,
                theirs.themes[number] if number < len(theirs.themes) else None,
            )
        )
    for start, ours, other in places:
        for name, field in (other or ours).fields.items():
            a = _words(ours.initial.get(name)) if ours else ""
            b = _words(other.initial.get(name)) if other else ""
            if a != b and name != "id":
                found.append({"label": f"{start}{field.label}", "text": b or _("(nothing)")})
    return found


def _words(value) -> str:
    if isinstance(value, list):
        return " ".join(value).strip()
    return "" if value in (None, False) else str(value)


def _number(text) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


class BeforePublishingForm(HubForm, forms.Form):
    """What a person confirms before families see the answer (content: before_publishing)."""

    named = forms.BooleanField(
        label=gettext_lazy("Nothing in it could identify a child, parent or member of staff who has not agreed.")
    )
    every_theme = forms.BooleanField(label=gettext_lazy("Every point has an answer. None is left blank."))
    no_is_explained = forms.BooleanField(
        label=gettext_lazy("Every “No” has a reason that a parent would accept as honest.")
    )
    dates = forms.BooleanField(label=gettext_lazy("Every promise has a date and a person."))
    told = forms.BooleanField(label=gettext_lazy("We have a plan to tell the people who took part."))
    parent_read = forms.BooleanField(
        label=gettext_lazy("A parent or carer has read it and understood it (good to have)."), required=False
    )
    marks_optional = False


class Preview(AboutConsultation, View):
    """The answer exactly as families will see it, what it still lacks, and the button that publishes it."""

    permission = Permission.PUBLISH_ANSWER

    def get(self, request, *args, **kwargs):
        """Show it."""
        draft = Draft.objects.filter(consultation=self.consultation).first()
        if draft is None:
            return redirect(self.address("answer"))
        return self._show(draft, BeforePublishingForm())

    def post(self, request, *args, **kwargs):
        """Publish it, if it is complete and still what this person read."""
        draft = Draft.objects.filter(consultation=self.consultation).first()
        if draft is None:
            return redirect(self.address("answer-published" if self.response else "answer"))
        form = BeforePublishingForm(request.POST)
        page = AnswerPage(draft.typed, check=True)
        if not form.is_valid() or not page.is_valid():
            return self._show(draft, form)
        try:
            actions.publish_response(
                self.consultation,
                by=request.user,
                on=self.today,
                facts=page.facts(),
                themes=page.theme_facts(),
                kind=page.kind,
                correcting=page.correcting,
                draft_version=_number(request.POST.get("version")),
            )
        except actions.AlreadyAnswered:
            return redirect(self.address("answer"))
        except Conflict:
            messages.error(request, _("Somebody changed the answer after you opened this page. Read it again."))
            return redirect(self.address("answer-preview"))
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                show_refusal(form, error)
            return self._show(draft, form)
        return redirect(self.address("answer-published"))

    def _show(self, draft, form):
        page = AnswerPage(draft.typed, check=True)
        answer, left = lacking(self.consultation, page, self.today)
        return render(
            self.request,
            "feedback/desk/preview.html",
            self.context(
                answer=answer,
                problems=page.problems(left),
                not_yet=self._not_yet(page),
                only_undecided=bool(answer and answer.entries and not answer.parts_answered),
                form=form,
                version=draft.version,
                page=page,
            ),
            status=400 if form.is_bound and form.errors else 200,
        )

    def _not_yet(self, page) -> str:
        """Why it cannot be out today, whatever it says; empty when it can."""
        if page.correcting:
            return ""
        try:
            actions.refuse_unless_closed(self.consultation, self.today)
        except ValidationError as error:
            return error.messages[0]
        return ""


class Published(AboutConsultation, TemplateView):
    """It is out: the public page, thank you, and undo."""

    template_name = "feedback/desk/published.html"

    def get(self, request, *args, **kwargs):
        """Only while it is out."""
        return super().get(request, *args, **kwargs) if self.response else redirect(self.address("answer"))

    def get_context_data(self, **kwargs):
        """What families see from now on."""
        answer = answers([self.consultation.pk], self.today).get(self.consultation.pk)
        return super().get_context_data(**self.context(response=self.response, answer=answer), **kwargs)


class TakeBack(AboutConsultation, TemplateView):
    """Undo: one page with one button."""

    permission = Permission.PUBLISH_ANSWER
    template_name = "feedback/desk/take_back.html"

    def get_context_data(self, **kwargs):
        """What would happen."""
        return super().get_context_data(**self.context(response=self.response), **kwargs)

    def post(self, request, *args, **kwargs):
        """Take it back; the words are kept as a draft."""
        if self.response:
            actions.take_back(self.response, by=request.user)
            messages.success(request, _("The answer is taken back. What you wrote is kept here as a draft."))
        return redirect(self.address("answer"))


class PutRight(AboutConsultation, View):
    """Open a published answer to put it right."""

    permission = Permission.PUBLISH_ANSWER
    http_method_names = ("post",)

    def post(self, request, *args, **kwargs):
        """Make the draft and go to the form."""
        if self.response and self.response.kind != Kind.ELSEWHERE:
            actions.start_correcting(self.response, by=request.user)
        return redirect(self.address("answer"))


# Other things to say while families wait


class SayForm(AboutConsultation, ActingView):
    """A short form about the answer to one consultation."""

    def get_context_data(self, **kwargs):
        """The form and the consultation."""
        return super().get_context_data(**self.context(), **kwargs)


class AnsweredElsewhere(SayForm):
    """Close the loop with a link to an answer that is out already (DESIGN rule 6)."""

    permission = Permission.PUBLISH_ANSWER
    template_name = "feedback/desk/elsewhere.html"
    form_class = ElsewhereForm

    def act(self, said):
        """Publish the link."""
        try:
            actions.answer_elsewhere(self.consultation, by=self.request.user, on=self.today, **said)
        except actions.AlreadyAnswered:
            return redirect(self.address("answer"))
        return redirect(self.address("answer-published"))


class SayWhyLate(SayForm):
    """A holding note: why there is no answer yet, and when there will be. The clock runs on."""

    permission = Permission.PUBLISH_ANSWER
    template_name = "feedback/desk/holding_note.html"
    form_class = HoldingNoteForm

    def get_initial(self):
        """The contact of the listing; what was heard so far from the draft, when the writer comes from there."""
        contact = ", ".join(each for each in (self.consultation.contact_name, self.consultation.contact_phone) if each)
        return {"contact": contact, "heard_so_far": self._heard() if self.request.GET.get("heard") else ""}

    def _heard(self) -> str:
        draft = Draft.objects.filter(consultation=self.consultation).first()
        said = [theme.get("you_said", "").strip() for theme in draft.typed.get("themes", [])] if draft else []
        return "\n\n".join(each for each in said if each)

    def get_context_data(self, **kwargs):
        """Earlier notes too, and whether this person may publish one more."""
        notes = list(HoldingNote.objects.published().filter(consultation=self.consultation))
        may = actions.may_publish_holding_note(self.request.user, self.consultation, len(notes))
        return super().get_context_data(notes=notes, may_publish=may, **kwargs)

    def act(self, said):
        """Publish the note."""
        actions.publish_holding_note(self.consultation, by=self.request.user, on=self.today, **said)
        messages.success(self.request, _("Families can see your note now. The answer is still owed."))
        return redirect(reverse("desk"))


class Told(SayForm):
    """How many families were told that the answer is out."""

    permission = Permission.PUBLISH_ANSWER
    template_name = "feedback/desk/told.html"
    form_class = ToldForm

    def get(self, request, *args, **kwargs):
        """Only while an answer is out."""
        return super().get(request, *args, **kwargs) if self.response else redirect(self.address("answer"))

    def get_initial(self):
        """The number that is there."""
        return {"told": self.response.told if self.response else None}

    def act(self, said):
        """Keep it."""
        actions.record_told(self.consultation, by=self.request.user, told=said["told"])
        messages.success(self.request, _("Thank you for telling them."))
        return redirect(self.address("answer-published"))


class CommentOnDelay(SayForm):
    """The service's one comment beside a late answer."""

    permission = Permission.PUBLISH_ANSWER
    template_name = "feedback/desk/delay_comment.html"
    form_class = DelayCommentForm

    def get_initial(self):
        """The comment that is there."""
        return {"comment": self.consultation.late_comment}

    def get_context_data(self, **kwargs):
        """Whether it is late at all."""
        late = TIMELINE.of(self.consultation, self.today) == Stage.LATE
        return super().get_context_data(is_late=late, **kwargs)

    def act(self, said):
        """Put it there."""
        comment_on_delay(self.consultation, by=self.request.user, comment=said["comment"], on=self.today)
        messages.success(self.request, _("Families can see your comment now. The answer is still owed."))
        return redirect(reverse("desk"))


# The log


class AddEntry(FormView):
    """Put one thing that families said outside a consultation, and the answer to it, into the log."""

    permission = Permission.USE_DESK
    template_name = "feedback/desk/entry_add.html"
    form_class = EntryForm

    def dispatch(self, request, *args, **kwargs):
        """Only for those who write for some body."""
        self.bodies = list(bodies_of(request.user)[:2])
        if not self.bodies:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        """The form lists the bodies that the person writes for."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        """The one body, when there is only one."""
        return {"organisation": self.bodies[0]} if len(self.bodies) == 1 else {}

    def form_valid(self, form):
        """Publish it, or say what is lacking."""
        facts = form.facts()
        mark = facts.pop("once")
        if not self.request.user.has_perm(Permission.WRITE_ENTRY, FeedbackEntry(organisation=facts["organisation"])):
            raise PermissionDenied
        try:
            with once(mark) as first:
                if not first:
                    return redirect(reverse("feedback:desk-log"))
                entry = actions.add_entry(by=self.request.user, on=today(), **facts)
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Families can see it now."))
        return redirect(entry)

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


class UpdateEntry(View):
    """Tell families how far a promise has got."""

    permission = Permission.WRITE_ENTRY

    def dispatch(self, request, *args, **kwargs):
        """Only for those who keep this promise."""
        rows = FeedbackEntry.objects.published().select_related("organisation", "consultation", "owner__user")
        self.entry = get_object_or_404(rows.defer("search", "consultation__search"), pk=kwargs["pk"])
        if not request.user.has_perm(self.permission, self.entry) or self.entry.is_found_elsewhere:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """The answer as it is."""
        return self._show(PromiseForm.of(self.entry))

    def post(self, request, *args, **kwargs):
        """Publish the update, or say what is lacking."""
        form = PromiseForm.of(self.entry, request.POST)
        if not form.is_valid():
            return self._show(form, status=400)
        facts = form.facts()
        version = facts.pop("version")
        try:
            actions.update_entry(self.entry, by=request.user, on=today(), version=version, **facts)
        except Conflict:
            # Their words are shown above the form, which keeps this person's; sending it again replaces theirs.
            posted = request.POST.copy()
            posted["version"] = str(self.entry.version)
            return self._show(PromiseForm.of(self.entry, posted), status=409, conflict=True)
        except ValidationError as error:
            show_refusal(form, error)
            return self._show(form, status=400)
        messages.success(request, _("Families can see the update now. Thank you."))
        return redirect(reverse("desk"))

    def _show(self, form, *, status=200, conflict=False):
        context = {
            "entry": self.entry,
            "pair": pair_of(self.entry, today()),
            "form": form,
            "conflict": conflict,
            "beside": beside(self.request.user, "entry", self.entry),
        }
        return render(self.request, "feedback/desk/promise.html", context, status=status)


class PromiseOwnerForm(HubForm, forms.Form):
    """Who keeps a promise."""

    owner = Takers(
        label=gettext_lazy("Owner"), queryset=Membership.objects.none(), empty_label=gettext_lazy("Choose one")
    )

    def __init__(self, *args, takers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = takers


class NamePromiseOwner(ActingView):
    """Let somebody else keep a promise."""

    permission = Permission.NAME_PROMISE_OWNER
    template_name = "feedback/desk/promise_owner.html"
    form_class = PromiseOwnerForm

    def dispatch(self, request, *args, **kwargs):
        """Only for those who may say who keeps it."""
        rows = owned_points(today()).select_related("organisation", "owner__user")
        self.entry = get_object_or_404(rows.defer("search"), pk=kwargs["pk"])
        if not request.user.has_perm(self.permission, self.entry):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        """Those who could keep it."""
        return super().get_form_kwargs() | {"takers": Membership.objects.could_answer_for(self.entry.organisation)}

    def get_initial(self):
        """Who keeps it now."""
        return {"owner": self.entry.owner_id}

    def act(self, said):
        """Name them."""
        actions.name_promise_owner(self.entry, by=self.request.user, **said)
        mend_duties(by=self.request.user, on=today(), now=timezone.now())
        messages.success(self.request, _("The owner is changed. They are told from the next reminder on."))
        return redirect(reverse("desk"))

    def get_context_data(self, **kwargs):
        """Which promise it is."""
        return super().get_context_data(entry=self.entry, pair=pair_of(self.entry, today()), **kwargs)


class DeskLog(ListView):
    """What the bodies that a person writes for have told families, newest first, each with its update button."""

    permission = Permission.USE_DESK
    template_name = "feedback/desk/log.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """Everything that this person may update."""
        entries = FeedbackEntry.objects.published().for_log().order_by("-published_at", "pk")
        if self.request.user.has_perm(Permission.SEE_ALL_DESKS):
            return entries
        return entries.filter(theirs(self.request.user))

    def get_context_data(self, **kwargs):
        """Each entry with its pair, and whether this person may update it; some see all and write nothing."""
        context = super().get_context_data(**kwargs)
        user, day = self.request.user, today()
        context["rows"] = [
            (
                entry,
                pair_of(entry, day),
                not entry.is_found_elsewhere and may_write(user, entry.organisation, entry.owner),
            )
            for entry in context["page_obj"]
        ]
        context["may_add"] = writes_somewhere(user)
        return context


# Reports of standing opportunities

# So many earlier reports stand beside the form of the next one; all of them are on their public page.
EARLIER_REPORTS = 4


class AboutReports(AboutConsultation):
    """A staff page about the reports of one standing opportunity, for those who may publish them."""

    permission = Permission.PUBLISH_ANSWER

    @property
    def published(self):
        """The reports that families see, newest first."""
        return StandingReport.objects.published().filter(consultation=self.consultation)

    def context(self, **more) -> dict:
        """With what is owed now."""
        owed = {
            "report_stage": REPORTS.of(self.consultation, self.today),
            "report_words": report_words(self.consultation, self.today),
        }
        return super().context(**owed, **more)


class WriteReport(AboutReports, View):
    """Write what came of it since the last report, look at it as families will, then publish it."""

    @cached_property
    def promises(self) -> bool:
        """Whether families are promised the next report."""
        return promises_reports(self.consultation)

    def get(self, request, *args, **kwargs):
        """A fresh report, filled in as far as it can be; or why there is none to write."""
        typed = drafts.prefill_report(self.consultation, self.published.first(), self.today)
        return self._write(ReportForm(initial=typed, promises=self.promises))

    def post(self, request, *args, **kwargs):
        """Preview it, go on writing, or publish it."""
        typed = ReportForm.read(request.POST)
        do = request.POST.get("do")
        if do == "write":
            return self._write(ReportForm(initial=typed, promises=self.promises))
        form = ReportForm(ReportForm.as_posted(typed), promises=self.promises)
        if not form.is_valid():
            return self._write(form, status=400)
        try:
            return self._publish(form) if do == "publish" else self._preview(form)
        except ValidationError as refused:
            show_refusal(form, refused)
            return self._write(form, status=400)

    def _preview(self, form: ReportForm):
        actions.refuse_unless_standing(self.consultation, self.today)
        report = actions.draw_up_report(self.consultation, on=self.today, **{"next_on": None, **form.facts()})
        actions.refuse(report_lacks(report, promises=self.promises))
        shown = self.context(report=Report(report, self.today, report.next_on), typed=form.data)
        return render(self.request, "feedback/desk/report_preview.html", shown)

    def _publish(self, form: ReportForm):
        said = {"next_on": None, **form.facts(), "newest_seen": form.cleaned_data["newest"] or 0}
        try:
            actions.publish_report(self.consultation, by=self.request.user, on=self.today, **said)
        except Conflict:
            # The other report is shown above the form. Sending this one again adds it.
            newest = self.published.first()
            posted = {**form.data, "newest": str(newest.pk if newest else 0)}
            return self._write(ReportForm(posted, promises=self.promises), status=409, conflict=True)
        return redirect(self.address("report-published"))

    def _write(self, form: ReportForm, *, status: int = 200, conflict: bool = False):
        why_not = ""
        try:
            actions.refuse_unless_standing(self.consultation, self.today)
        except ValidationError as refused:
            why_not = refused.messages[0]
        earlier = [Report(each, self.today) for each in self.published[:EARLIER_REPORTS]]
        shown = self.context(form=form, earlier=earlier, why_not=why_not, conflict=conflict)
        return render(self.request, "feedback/desk/report.html", shown, status=status)


class ReportPublished(AboutReports, TemplateView):
    """It is out: the public page, thank you, and undo."""

    template_name = "feedback/desk/report_published.html"

    def get(self, request, *args, **kwargs):
        """Only when one is out."""
        self.report = self.published.first()
        return super().get(request, *args, **kwargs) if self.report else redirect(self.address("report"))

    def get_context_data(self, **kwargs):
        """What families see from now on, and whether it can be taken back."""
        stays = actions.why_report_stays(self.report, self.today)
        return super().get_context_data(**self.context(report=self.report, stays=stays), **kwargs)


class PutReportRight(AboutReports, View):
    """Correct what a published report says. Its day stays, and so does the day of the next one."""

    def dispatch(self, request, *args, **kwargs):
        """Only for a report that families see."""
        self.report = get_object_or_404(self.published, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """The report as it is."""
        return self._show(ReportCorrectionForm(initial=drafts.of_report(self.report)))

    def post(self, request, *args, **kwargs):
        """Publish the correction, or say what is lacking."""
        form = ReportCorrectionForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=400)
        version = form.cleaned_data["version"] or 0
        try:
            actions.put_report_right(self.report, by=request.user, version=version, **form.facts())
        except Conflict:
            # Their words are shown above the form, which keeps this person's; sending it again replaces theirs.
            posted = request.POST.copy()
            posted["version"] = str(self.report.version)
            return self._show(ReportCorrectionForm(posted), status=409, conflict=True)
        except ValidationError as refused:
            show_refusal(form, refused)
            return self._show(form, status=400)
        messages.success(request, _("Families see the corrected report now."))
        return redirect(reverse("feedback:desk-reports"))

    def _show(self, form: ReportCorrectionForm, *, status: int = 200, conflict: bool = False):
        stays = actions.why_report_stays(self.report, self.today)
        shown = self.context(report=Report(self.report, self.today), form=form, conflict=conflict, stays=stays)
        return render(self.request, "feedback/desk/report_put_right.html", shown, status=status)


class TakeReportBack(AboutReports, View):
    """Undo: one page with one button."""

    def get(self, request, *args, **kwargs):
        """What would happen, or why it cannot be taken back."""
        report = get_object_or_404(self.published, pk=kwargs["pk"])
        stays = actions.why_report_stays(report, self.today)
        shown = self.context(report=Report(report, self.today), stays=stays)
        return render(request, "feedback/desk/report_take_back.html", shown)

    def post(self, request, *args, **kwargs):
        """Take it back; the words are kept in the form. Pressed twice, it does the same."""
        report = get_object_or_404(StandingReport.objects.kept(), consultation=self.consultation, pk=kwargs["pk"])
        try:
            actions.take_back_report(report, by=request.user, on=self.today)
        except ValidationError:
            return self.get(request, *args, **kwargs)  # the page says why
        messages.success(request, _("The report is taken back. What you wrote is kept here."))
        return redirect(self.address("report"))


class DeskReports(ListView):
    """The standing opportunities of the bodies a person writes for: when each reported, and when it must."""

    permission = Permission.USE_DESK
    template_name = "feedback/desk/reports.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """Those whose report is due first come first; those that owe none come last."""
        user = self.request.user
        standing = Consultation.objects.standing(on=today())
        if not user.has_perm(Permission.SEE_ALL_DESKS):
            standing = standing.filter(theirs(user) | owned(user) | owned(user, "deputy"))
        soonest = F("next_report_on").asc(nulls_last=True)
        return standing.select_related("organisation").defer("search").order_by(soonest, "title", "pk")

    def get_context_data(self, **kwargs):
        """Each with the day of its newest report, what it owes, and whether this person may write it."""
        context = super().get_context_data(**kwargs)
        day, rows = today(), list(context["page_obj"])
        reported = StandingReport.objects.published().filter(consultation__in=rows).order_by()
        newest = dict(reported.values_list("consultation").annotate(Max("reported_on")))
        context["rows"] = [
            {
                "consultation": row,
                "stage": REPORTS.of(row, day),
                "words": report_words(row, day),
                "reported_on": newest.get(row.pk),
                "may_write": self.request.user.has_perm(Permission.PUBLISH_ANSWER, row),
            }
            for row in rows
        ]
        return context
