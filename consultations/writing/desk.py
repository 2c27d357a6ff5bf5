"""Staff pages that bring a consultation to families: steps, "Ready to ask?", checks, and what comes after."""

from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView

from accounts.beside import NotesBeside
from accounts.rules import reach, roles_of
from consultations import actions as consultation_actions
from consultations.events.listing import schedule_words, time_range_words
from consultations.events.models import Event
from consultations.models import Consultation
from consultations.queues import too_long_ago, waiting
from consultations.stages import TIMELINE, Stage, stage_words
from consultations.writing import actions, papers
from consultations.writing.forms import (
    STEPS,
    ApproveForm,
    AskAgainForm,
    MoveForm,
    ReadyForm,
    StopForm,
)
from consultations.writing.models import Check
from consultations.writing.ready import around, ready
from consultations.writing.values import PAPERS, title_of, value_of, values_of, words_of
from core.acting import ActingView, NothingForm, Words
from core.checking import queue, read
from core.checking_pages import ApprovePress, CheckPage, Difference, SendBackPress
from core.dates import day_words, today
from core.forms import show_refusal
from core.permissions import Permission
from core.publishing import EditorialState
from core.steps import Step, StepPage
from core.tips import all_tips, tips_for
from notices.followables import followers_words

PER_PAGE = 20
# In the morning, when somebody is there to see it.
PUBLISHED_AT = time(8)

COLOURS = {
    EditorialState.DRAFT: "forthcoming",
    EditorialState.SUBMITTED: "awaiting",
    EditorialState.RETURNED: "late",
    EditorialState.APPROVED: "forthcoming",
    EditorialState.SCHEDULED: "forthcoming",
    EditorialState.ARCHIVED: "closed",
    EditorialState.DELETED: "withdrawn",
}
STATES = {
    "": Q(deleted_at__isnull=True),
    "drafts": Q(
        published_at__isnull=True, submitted_at__isnull=True, approved_at__isnull=True, deleted_at__isnull=True
    ),
    "waiting": Q(
        submitted_at__isnull=False, approved_at__isnull=True, published_at__isnull=True, deleted_at__isnull=True
    ),
    "published": Q(published_at__isnull=False, archived_at__isnull=True, deleted_at__isnull=True),
    "off": Q(archived_at__isnull=False, deleted_at__isnull=True),
    "bin": Q(deleted_at__isnull=False),
}
STATE_WORDS = {
    "": gettext_lazy("All"),
    "drafts": gettext_lazy("Drafts"),
    "waiting": gettext_lazy("Waiting to be checked"),
    "published": gettext_lazy("Published"),
    "off": gettext_lazy("Taken off the site"),
    "bin": gettext_lazy("Thrown away"),
}


def state_of(consultation: Consultation, day: date) -> tuple[str, str]:
    """How far a listing has got, as the colour and the words of a tag."""
    state = consultation.editorial_state
    if state == EditorialState.PUBLISHED:
        stage = Stage(TIMELINE.of(consultation, day))
        return stage.value, stage_words(consultation, day)
    if state == EditorialState.SCHEDULED:
        return "forthcoming", _("Families see it from %(day)s") % {
            "day": day_words(timezone.localdate(consultation.publish_at), day)
        }
    return COLOURS[state], str(state.label)


def _theirs(user):
    """The consultations that the person may write."""
    held = [membership.pk for membership in roles_of(user)]
    return Consultation.objects.filter(reach(user) | Q(owner__in=held) | Q(deputy__in=held))


def listings_of(user, state: str, words: str):
    """The consultations that the person may write in one state and with these words in the title, newest first."""
    rows = _theirs(user).filter(STATES[state]).select_related("organisation").defer("search")
    if words:
        rows = rows.filter(title__icontains=words)
    return rows.order_by("-created_at", "-pk")


def listings_asked(asked) -> tuple[str, str]:
    """The state and the words that an address asks for."""
    state = asked.get("state", "")
    return state if state in STATES else "", " ".join((asked.get("q") or "").replace("\x00", "").split())[:100]


class Listings(TemplateView):
    """The consultations of the bodies that the person acts for, the newest first."""

    permission = Permission.USE_DESK
    template_name = "consultations/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of listings, each with how far it has got."""
        user, day, asked = self.request.user, today(), self.request.GET
        chosen, words = listings_asked(asked)
        page = Paginator(listings_of(user, chosen, words), PER_PAGE).get_page(asked.get("page"))
        changed = set(
            Check.objects.open()
            .filter(consultation__in=list(page), is_change=True)
            .values_list("consultation", flat=True)
        )
        may_check = user.has_perm(Permission.CHECK_LISTING)
        return super().get_context_data(
            rows=[{"consultation": row, "tag": state_of(row, day), "has_changes": row.pk in changed} for row in page],
            page=page,
            words=words,
            states=[(key, text, key == chosen) for key, text in STATE_WORDS.items()],
            chosen=chosen,
            may_add=user.has_perm(Permission.ADD_CONSULTATION),
            may_check=may_check,
            to_check=waiting(user, day).checks if may_check else 0,
            may_import=user.has_perm(Permission.CHECK_IMPORTS),
            **kwargs,
        )


class AboutListing:
    """A staff page about one consultation: only for those who may do this with it."""

    permission = Permission.EDIT_CONSULTATION
    # Also what was thrown away, where it can be brought back.
    finds_deleted = False
    request: Any
    kwargs: dict

    @cached_property
    def consultation(self) -> Consultation:
        """The listing."""
        rows = Consultation.objects.all() if self.finds_deleted else Consultation.objects.kept()
        rows = rows.select_related("organisation", "owner__user", "deputy__user").defer("search")
        found = get_object_or_404(rows, slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, found):
            raise PermissionDenied
        return found

    @cached_property
    def check(self) -> Check | None:
        """What waits to be decided about it, or is still being written."""
        return self.consultation.checks.open().select_related("sent_by").first()

    @cached_property
    def waits(self) -> bool:
        """Whether what this person changes waits until somebody else has seen it."""
        if not self.consultation.is_published:
            return False
        # Whoever checks what was sent joins it: one decision is about all of it.
        if self.check and self.check.is_change and self.check.sent_at:
            return True
        return not self.request.user.has_perm(Permission.PUBLISH_UNCHECKED, self.consultation)

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.consultation  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def home(self) -> HttpResponse:
        """Back to the page of the listing."""
        return redirect("consultations:desk-consultation", slug=self.consultation.slug)


class OneListing(AboutListing, NotesBeside, TemplateView):
    """One consultation: how far it has got, its steps, and everything that can be done with it."""

    template_name = "consultations/desk/consultation.html"
    finds_deleted = True
    record_kind = "consultation"
    record = property(lambda self: self.consultation)

    def get_context_data(self, **kwargs):
        """The steps and the doors."""
        consultation, user, day = self.consultation, self.request.user, today()
        stage = Stage(TIMELINE.of(consultation, day))
        returned = consultation.checks.exclude(reason="").select_related("decided_by").first()
        may_edit = consultation.deleted_at is None
        return super().get_context_data(
            consultation=consultation,
            tag=state_of(consultation, day),
            steps=[{"step": step, "is_done": _is_done(consultation, step)} for step in steps_of(consultation)],
            check=self.check,
            waits=self.waits,
            returned=returned
            if returned and (consultation.returned_at or (self.check and not self.check.sent_at))
            else None,
            may_ask=not consultation.is_published and may_edit,
            may_move=consultation.is_published and stage in (Stage.FORTHCOMING, Stage.OPEN) and consultation.closes_on,
            may_stop=consultation.is_published and stage in (Stage.FORTHCOMING, Stage.OPEN),
            may_archive=consultation.is_published and stage not in (Stage.OPEN, Stage.AWAITING, Stage.LATE),
            may_throw_away=may_edit and consultation.published_at is None,
            may_bring_back=consultation.archived_at or consultation.deleted_at,
            is_scheduled=consultation.editorial_state == EditorialState.SCHEDULED,
            may_check=self.check and self.check.sent_at and user.has_perm(Permission.CHECK_LISTING),
            may_edit=may_edit,
            followers=followers_words("consultation", consultation.pk)
            if consultation.is_published and user.has_perm(Permission.SEE_MESSAGES)
            else "",
            offers_more_time=actions.may_need_more_time(consultation, day),
            **kwargs,
        )


def steps_of(consultation: Consultation) -> list[Step]:
    """The steps that a listing has: a past record is not asked when and how."""
    return [step for step in STEPS.values() if not consultation.is_past_record or step.key in ("what", "who")]


def _is_done(consultation: Consultation, step: Step) -> bool:
    if step.key == "when":
        return bool(consultation.opens_on or consultation.planned_for)
    if step.key == "people" and consultation.owes_an_answer and consultation.owner_id is None:
        return False
    return all(value_of(consultation, name) for name in step.wants)


# --- Steps


class WriteStep(AboutListing, StepPage):
    """One short page of a listing, saved on the way to the next."""

    template_name = "consultations/desk/step.html"
    tips_place = "step:"

    @property
    def record(self) -> Consultation:
        """The listing."""
        return self.consultation

    @property
    def back_url(self) -> str:
        """The page of the listing."""
        return reverse("consultations:desk-consultation", args=[self.consultation.slug])

    leave_url = back_url

    @property
    def back_text(self) -> str:
        """What it is called."""
        return self.consultation.title

    def steps(self):
        """The steps of this listing."""
        return steps_of(self.consultation)

    def values_now(self):
        """As it says now."""
        return values_of(self.consultation, self.step.names)

    def get_form_kwargs(self):
        """What cannot be changed here, and whether families are told."""
        return super().get_form_kwargs() | {"locked": self._locked(), "asks_correction": self._asks_correction}

    @property
    def _stage(self) -> Stage:
        return Stage(TIMELINE.of(self.consultation, today()))

    @property
    def _asks_correction(self) -> bool:
        return self.consultation.is_published and not self.waits and self._stage == Stage.OPEN

    def _locked(self) -> list[str]:
        """What families rely on has pages of its own."""
        if not self.consultation.is_published:
            return []
        locked = ["closes_on"] if self.consultation.closes_on else []
        return locked if self._stage == Stage.FORTHCOMING else [*locked, "opens_on", "closes_at", "planned_for"]

    def save(self, form, mark):
        """Save it."""
        return actions.save_values(
            self.consultation,
            by=self.request.user,
            on=today(),
            values=form.plain_values(),
            mark=mark,
            correction=form.cleaned_data.get("correction", ""),
            waits=self.waits,
        )

    def in_words(self, name, value, day):
        """A field as people read it."""
        return title_of(name), words_of(name, value, day)

    def go_on(self, following):
        """The next step, or the questions before it goes out."""
        if following is None:
            return redirect("consultations:ready", slug=self.consultation.slug)
        return redirect("consultations:write", slug=self.consultation.slug, step=following.key)

    def get_context_data(self, **kwargs):
        """Whether the closing day is moved elsewhere."""
        locked = "closes_on" in self._locked() and self.step.key == "when"
        return super().get_context_data(date_is_locked=locked, **kwargs)


class AddListing(FormView):
    """The first step of a new consultation. Families see nothing of it."""

    permission = Permission.ADD_CONSULTATION
    template_name = "consultations/desk/step.html"
    step = STEPS["what"]

    def get_form(self, form_class=None):
        """An empty first step."""
        data = self.request.POST if self.request.method == "POST" else None
        return self.step.form(data, user=self.request.user, values={})

    def form_valid(self, form):
        """Keep it as a draft, and go on."""
        try:
            consultation = actions.start(by=self.request.user, values=form.plain_values())
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Saved as a draft. Families cannot see it."))
        return redirect("consultations:write", slug=consultation.slug, step="say")

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        """The first of so many."""
        home = reverse("consultations:desk-consultations")
        return super().get_context_data(
            step=self.step,
            number=1,
            count=len(STEPS),
            tips=tips_for("step:what"),
            back_url=home,
            back_text=_("Your consultations"),
            leave_url=home,
            **kwargs,
        )


# --- "Ready to ask?"


class ReadyToAsk(AboutListing, FormView):
    """The list of questions before it goes out, with what the hub checked itself; and the button that sends it."""

    template_name = "consultations/desk/ready.html"
    form_class = ReadyForm

    @cached_property
    def ready(self):
        """The list as it stands."""
        return ready(self.consultation, around(self.consultation, today()))

    def get_form_kwargs(self):
        """The questions to answer."""
        moment = self.consultation.publish_at
        kwargs = super().get_form_kwargs() | {"ready": self.ready}
        return kwargs | {"initial": {"publish_on": timezone.localdate(moment) if moment else None}}

    def form_valid(self, form):
        """Keep the answers; then send it, or show it."""
        user, now = self.request.user, timezone.now()
        actions.answer_ready(self.consultation, by=user, answers=form.answers())
        if "send" not in self.request.POST:
            messages.success(self.request, _("Saved."))
            return self.home()
        fresh = ready(self.consultation, around(self.consultation, today()))
        if fresh.open:
            left = ngettext("Answer %(count)d more question.", "Answer %(count)d more questions.", len(fresh.open))
            form.add_error(None, left % {"count": len(fresh.open)})
            for question in fresh.open:
                if question.key in form.fields:
                    words = _("Answer: %(question)s") % {"question": question.label}
                    if question.finding and question.finding.stops:
                        words = question.finding.words
                    form.add_error(question.key, words)
            return self.form_invalid(form)
        on = form.cleaned_data["publish_on"]
        publish_at = timezone.make_aware(datetime.combine(on, PUBLISHED_AT)) if on else None
        try:
            if user.has_perm(Permission.PUBLISH_UNCHECKED, self.consultation):
                actions.publish_unchecked(self.consultation, by=user, on=today(), now=now, publish_at=publish_at)
                words = (
                    _("Families will see it from that day.")
                    if publish_at and publish_at > now
                    else _("Families can see it now.")
                )
            else:
                actions.submit(self.consultation, by=user, now=now, publish_at=publish_at)
                words = _("Sent. The Family Information Service checks it, most often within two working days.")
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)
        messages.success(self.request, words)
        return self.home()

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        """The groups of questions, each with its boxes."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        tips = all_tips([f"ready:{question.key}" for question in self.ready.questions])
        groups = [
            {
                "heading": group.heading,
                "principle": group.principle,
                "rows": [
                    {
                        "question": question,
                        "said": form[question.key] if question.key in form.fields else None,
                        "reason": form[f"{question.key}_reason"] if question.key in form.fields else None,
                        "tips": tips[f"ready:{question.key}"],
                    }
                    for question in group.questions
                ],
            }
            for group in self.ready.groups
        ]
        return context | {
            "consultation": self.consultation,
            "ready": self.ready,
            "groups": groups,
            "unchecked": self.request.user.has_perm(Permission.PUBLISH_UNCHECKED, self.consultation),
        }


# --- Checks


class Checks(TemplateView):
    """Everything that waits for a check, of every kind, the longest waiting first."""

    permission = Permission.CHECK_LISTING
    template_name = "consultations/desk/checks.html"

    def get_context_data(self, **kwargs):
        """A page of them."""
        over = self.request.GET.get("over") == "1"
        page = Paginator(checks_asked(over=over), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, checks=read(page), over=over, **kwargs)


def checks_asked(*, over: bool):
    """The queue of what waits for a check; `over`: only what has waited too long."""
    return queue(before=too_long_ago(today()) if over else None)


class OneCheck(CheckPage):
    """A consultation or an event that was sent to be checked."""

    template_name = "consultations/desk/check.html"
    kwargs: dict

    @cached_property
    def check(self) -> Check:
        """What was sent."""
        rows = Check.objects.select_related("consultation__organisation", "event__organisation", "sent_by")
        is_there = {"consultation__deleted_at__isnull": True, "event__deleted_at__isnull": True}
        return get_object_or_404(rows, pk=self.kwargs["pk"], **is_there)

    queue_url = property(lambda self: reverse("consultations:checks"))
    url = property(lambda self: reverse("consultations:check", args=[self.check.pk]))
    approve_url = property(lambda self: reverse("consultations:approve", args=[self.check.pk]))
    send_back_url = property(lambda self: reverse("consultations:send-back", args=[self.check.pk]))

    @property
    def home_url(self) -> str:
        """All about it."""
        name = "events:desk-event" if self.check.event_id else "consultations:desk-consultation"
        return reverse(name, args=[self.check.record.slug])

    def approve_form(self) -> forms.Form:
        """Of a change to something that is open, families are told. Where only papers change, a sentence is there."""
        check = self.check
        if not check.is_change or check.event_id or Stage(TIMELINE.of(check.record, today())) != Stage.OPEN:
            return NothingForm()
        rows = check.values.get(PAPERS, []) if len(check.values) == 1 else []
        return ApproveForm(initial={"correction": papers.sentence(rows)})

    def get_context_data(self, **kwargs):
        """What "Ready to ask?" says of a new consultation."""
        check = self.check
        is_new = not (check.is_change or check.event_id)
        found = ready(check.record, around(check.record, today())) if is_new else None
        return super().get_context_data(ready=found, **kwargs)

    def differences(self):
        """What changes, or all of a new one."""
        return self._differences_of_event() if self.check.event_id else self._differences()

    def _facts(self) -> list[Difference]:
        """What a new event says, in the order of its form."""
        event = self.check.event
        url = reverse("events:edit", args=[event.slug])
        facts = (
            (_("What it is"), event.get_kind_display()),
            (_("What happens there"), event.summary),
            (_("When"), schedule_words(event) or day_words(event.first_day, today())),
            (_("Time"), time_range_words(event.starts_at, event.ends_at)),
            (_("Where"), ", ".join(part for part in (event.venue, event.address, event.postcode) if part)),
            (_("How to get there, in words"), event.directions),
            (_("Cost"), event.cost or _("Free")),
            (_("Who it is for"), ", ".join(str(each) for each in event.audiences.all())),
            (_("Area"), ", ".join(str(each) for each in event.areas.all())),
            (_("Who to ask"), ", ".join(part for part in (event.contact_name, event.contact_phone) if part)),
        )
        return [Difference(title, "", words, url) for title, words in facts if words]

    def _differences_of_event(self) -> list[Difference]:
        if not self.check.is_change:
            return self._facts()
        event, day = self.check.event, today()
        url = reverse("events:edit", args=[event.slug])
        return [
            Difference(
                title_of(name, Event),
                words_of(name, value_of(event, name), day, Event),
                words_of(name, value, day, Event),
                url,
            )
            for name, value in self.check.values.items()
        ]

    def _differences(self) -> list[Difference]:
        check, day = self.check, today()
        found = []
        for step in steps_of(check.consultation):
            url = reverse("consultations:write", args=[check.consultation.slug, step.key])
            for name in step.names:
                if check.is_change and name not in check.values:
                    continue
                now = value_of(check.consultation, name)
                before = words_of(name, now, day) if check.is_change else ""
                after = words_of(name, check.values[name] if check.is_change else now, day)
                if check.is_change or now:
                    found.append(Difference(title_of(name), before, after, url))
        if rows := check.values.get(PAPERS):
            url = reverse("consultations:documents", args=[check.consultation.slug])
            now, then = papers.words_now(check.consultation), papers.words_then(check.consultation, rows)
            found.append(Difference(title_of(PAPERS), now, then, url))
        return found


class Approve(ApprovePress, OneCheck):
    """The press that lets a listing through."""

    def approved_form(self):
        """What families are told, where they are."""
        return ApproveForm(self.request.POST) if "correction" in self.request.POST else NothingForm(self.request.POST)

    def approve(self, said):
        """Approve it."""
        correction = said.get("correction", "")
        actions.approve(self.check, by=self.request.user, on=today(), now=timezone.now(), correction=correction)

    def after(self, said):
        """Its page offers to give families more time with the new text."""
        if said.get("correction"):
            return reverse("consultations:desk-consultation", args=[self.check.record.slug])
        return self.queue_url


class SendBack(SendBackPress, OneCheck):
    """The press that sends a listing back."""

    def send_back(self, reason):
        """Send it back with the reason."""
        actions.send_back(self.check, by=self.request.user, reason=reason, now=timezone.now())


# --- One thing done with a listing


class ActOnListing(AboutListing, ActingView):
    """A page that does one thing with a consultation."""

    template_name = "consultations/desk/act.html"
    form_class: type[forms.Form] = NothingForm
    words: Words
    done: Any

    def do(self, said: dict[str, Any]) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said) -> HttpResponse:
        """Do it, say so, and go back to the listing."""
        self.do(said)
        messages.success(self.request, self.done)
        return self.home()

    def get_context_data(self, **kwargs):
        """The words of the page."""
        return super().get_context_data(consultation=self.consultation, words=self.words, **kwargs)


class SendChanges(ActOnListing):
    """Send the changes to a published listing to be checked."""

    words = Words(
        gettext_lazy("Send your changes"),
        gettext_lazy("What families see stays as it is until the Family Information Service has looked at them."),
        gettext_lazy("Send them"),
    )
    done = gettext_lazy("Sent. Families still see the text as it was.")

    def do(self, said):
        """Send them."""
        actions.submit(self.consultation, by=self.request.user, now=timezone.now())


class TakeChangesBack(ActOnListing):
    """Throw changes away that nobody has decided about."""

    words = Words(
        gettext_lazy("Take your changes back"),
        gettext_lazy("Nobody checks them any more. Families go on seeing the text as it is."),
        gettext_lazy("Take them back"),
        warns=True,
    )
    done = gettext_lazy("Your changes are gone. The text is as families see it.")

    def do(self, said):
        """Take them back."""
        check = actions.waiting_change(self.consultation)
        if check is None:
            raise ValidationError(_("No change waits any more."))
        actions.take_changes_back(check, by=self.request.user)


class MoveClosing(ActOnListing):
    """Give families more time."""

    form_class = MoveForm
    words = Words(
        gettext_lazy("Move the closing date"),
        gettext_lazy(
            "Once it is open it can only move later. The page shows both dates, and those who follow it are told."
        ),
        gettext_lazy("Move it"),
    )
    done = gettext_lazy("The closing date is moved. Families see it now.")

    def do(self, said):
        """Move it."""
        consultation_actions.move_closing_date(self.consultation, by=self.request.user, on=today(), **said)


class Stop(ActOnListing):
    """Stop a consultation that has not closed."""

    permission = Permission.PUBLISH_CONSULTATION
    form_class = StopForm
    words = Words(
        gettext_lazy("Stop it"),
        gettext_lazy("Its page stays, and says why. This cannot be undone: ask again in a new round instead."),
        gettext_lazy("Stop it"),
        warns=True,
    )
    done = gettext_lazy("It is stopped, and its page says why.")

    def do(self, said):
        """Stop it."""
        consultation_actions.withdraw(self.consultation, by=self.request.user, on=today(), **said)


class TakeOff(ActOnListing):
    """Take a listing off the site."""

    permission = Permission.PUBLISH_CONSULTATION
    words = Words(
        gettext_lazy("Take it off the site"),
        gettext_lazy("Families do not find it any more. You can bring it back."),
        gettext_lazy("Take it off"),
        warns=True,
    )
    done = gettext_lazy("It is off the site. You can bring it back here.")

    def do(self, said):
        """Take it off."""
        actions.archive(self.consultation, by=self.request.user, now=timezone.now())


class ThrowAway(ActOnListing):
    """Throw a draft away."""

    words = Words(
        gettext_lazy("Throw this draft away"),
        gettext_lazy("For 30 days you can bring it back."),
        gettext_lazy("Throw it away"),
        warns=True,
    )
    done = gettext_lazy("Thrown away. For 30 days you can bring it back here.")

    def do(self, said):
        """Throw it away."""
        actions.throw_away(self.consultation, by=self.request.user, now=timezone.now())


class BringBack(ActOnListing):
    """Bring back what was taken off the site or thrown away."""

    finds_deleted = True
    words = Words(
        gettext_lazy("Bring it back"),
        gettext_lazy("It is again where it was: on the site, or among your drafts."),
        gettext_lazy("Bring it back"),
    )
    done = gettext_lazy("It is back.")

    def do(self, said):
        """Bring it back."""
        user = self.request.user
        if self.consultation.archived_at and not user.has_perm(Permission.PUBLISH_CONSULTATION, self.consultation):
            raise ValidationError(_("The lead of your service, or the Family Information Service, brings it back."))
        actions.bring_back(self.consultation, by=user, now=timezone.now())


class Unschedule(ActOnListing):
    """Take the date of publication back."""

    words = Words(
        gettext_lazy("Do not publish it yet"),
        gettext_lazy("It is a draft again, with everything you wrote."),
        gettext_lazy("Make it a draft again"),
    )
    done = gettext_lazy("It is a draft again.")

    def do(self, said):
        """Make it a draft."""
        actions.unschedule(self.consultation, by=self.request.user)


class AskAgain(ActOnListing):
    """A new round like this one."""

    form_class = AskAgainForm
    words = Words(
        gettext_lazy("Ask again"),
        gettext_lazy(
            "You get a draft with the same words, linked to this one. Nothing that families said comes along."
        ),
        gettext_lazy("Make the draft"),
    )

    def get_initial(self):
        """The title as it was."""
        return {"title": self.consultation.title}

    def act(self, said):
        """Make it, and go to the questions before it goes out."""
        copy = actions.duplicate(self.consultation, by=self.request.user, **said)
        messages.success(self.request, _("Here is your draft. Families cannot see it."))
        return redirect("consultations:ready", slug=copy.slug)


_ONE = "desk/consultations/<slug:slug>/"
desk_urlpatterns = [
    path("desk/consultations/", Listings.as_view(), name="desk-consultations"),
    path("desk/consultations/add/", AddListing.as_view(), name="add"),
    path(_ONE, OneListing.as_view(), name="desk-consultation"),
    path(f"{_ONE}write/<slug:step>/", WriteStep.as_view(), name="write"),
    path(f"{_ONE}ready/", ReadyToAsk.as_view(), name="ready"),
    path(f"{_ONE}send/", SendChanges.as_view(), name="send-changes"),
    path(f"{_ONE}take-back/", TakeChangesBack.as_view(), name="take-changes-back"),
    path(f"{_ONE}closing-date/", MoveClosing.as_view(), name="move-closing"),
    path(f"{_ONE}stop/", Stop.as_view(), name="stop"),
    path(f"{_ONE}take-off/", TakeOff.as_view(), name="take-off"),
    path(f"{_ONE}throw-away/", ThrowAway.as_view(), name="throw-away"),
    path(f"{_ONE}bring-back/", BringBack.as_view(), name="bring-back"),
    path(f"{_ONE}not-yet/", Unschedule.as_view(), name="not-yet"),
    path(f"{_ONE}ask-again/", AskAgain.as_view(), name="ask-again"),
    path("desk/checks/", Checks.as_view(), name="checks"),
    path("desk/checks/<int:pk>/", OneCheck.as_view(), name="check"),
    path("desk/checks/<int:pk>/approve/", Approve.as_view(), name="approve"),
    path("desk/checks/<int:pk>/send-back/", SendBack.as_view(), name="send-back"),
]
