"""Staff pages about good practice: write an example in steps, check one, and say that another service tried it."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from accounts.beside import NotesBeside
from accounts.rules import reach
from core.acting import ActingView, NothingForm, Words
from core.checking_pages import ApprovePress, CheckPage, Difference, SendBackPress
from core.dates import today
from core.forms import show_refusal
from core.past_pages import PastPage
from core.permissions import Permission
from core.publishing import Conflict, EditorialState
from core.steps import Step, StepPage
from feedback.models import AnswerState, FeedbackEntry, Origin
from practice import actions
from practice.forms import STEPS, TriedForm
from practice.models import ExampleCheck, PracticeExample, Tried
from practice.values import title_of, value_of, values_of, words_of

PER_PAGE = 20
# How many changes that nobody has told of yet the list offers to write up.
OFFERED = 5

COLOURS = {
    EditorialState.DRAFT: "forthcoming",
    EditorialState.SUBMITTED: "awaiting",
    EditorialState.RETURNED: "late",
    EditorialState.APPROVED: "forthcoming",
    EditorialState.PUBLISHED: "responded",
    EditorialState.ARCHIVED: "closed",
    EditorialState.DELETED: "withdrawn",
}
_NOT_OUT = Q(published_at__isnull=True, deleted_at__isnull=True)
STATES = {
    "": (gettext_lazy("All"), Q(deleted_at__isnull=True)),
    "drafts": (gettext_lazy("Drafts"), _NOT_OUT & Q(submitted_at__isnull=True)),
    "waiting": (gettext_lazy("Waiting to be checked"), _NOT_OUT & Q(submitted_at__isnull=False)),
    "published": (
        gettext_lazy("Published"),
        Q(published_at__isnull=False, archived_at__isnull=True, deleted_at__isnull=True),
    ),
    "off": (gettext_lazy("Taken off the site"), Q(archived_at__isnull=False, deleted_at__isnull=True)),
    "bin": (gettext_lazy("Thrown away"), Q(deleted_at__isnull=False)),
}


def state_of(example: PracticeExample) -> tuple[str, str]:
    """How far an example has got, as the colour and the words of a tag."""
    state = example.editorial_state
    return COLOURS.get(state, "forthcoming"), str(state.label)


def examples_of(user, state: str, words: str):
    """The examples that the person may write in one state and with these words in the title, newest first."""
    rows = PracticeExample.objects.filter(reach(user)).filter(STATES[state][1])
    if words:
        rows = rows.filter(title__icontains=words)
    return rows.select_related("organisation").defer("search").order_by("-created_at", "-pk")


def asked_of(asked) -> tuple[str, str]:
    """The state and the words that an address asks for."""
    state = asked.get("state", "")
    return state if state in STATES else "", " ".join((asked.get("q") or "").replace("\x00", "").split())[:100]


def not_told_yet(user):
    """Changes that families were told of, by the person's own bodies, which no example tells of: the newest first."""
    told = PracticeExample.objects.kept().filter(entry=OuterRef("pk"))
    done = FeedbackEntry.objects.published().filter(
        reach(user), ~Exists(told), answer=AnswerState.DONE, origin=Origin.HUB
    )
    return done.select_related("organisation").defer("search").order_by("-done_on", "-pk")


class Examples(TemplateView):
    """The examples of the bodies that the person writes for, and the changes that are worth one."""

    permission = Permission.USE_DESK
    template_name = "practice/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of examples, each with how far it has got."""
        user = self.request.user
        chosen, words = asked_of(self.request.GET)
        page = Paginator(examples_of(user, chosen, words), PER_PAGE).get_page(self.request.GET.get("page"))
        changed = set(
            ExampleCheck.objects.open().filter(example__in=list(page), is_change=True).values_list("example", flat=True)
        )
        may_add = user.has_perm(Permission.ADD_EXAMPLE)
        return super().get_context_data(
            rows=[{"example": row, "tag": state_of(row), "has_changes": row.pk in changed} for row in page],
            page=page,
            words=words,
            states=[(key, text, key == chosen) for key, (text, _condition) in STATES.items()],
            chosen=chosen,
            may_add=may_add,
            may_check=user.has_perm(Permission.CHECK_LISTING),
            offered=list(not_told_yet(user)[:OFFERED]) if may_add and not words and not chosen else [],
            **kwargs,
        )


class AboutExample:
    """A staff page about one example: only for those who may do this with it."""

    permission = Permission.EDIT_EXAMPLE
    # Also what was thrown away, where it can be brought back.
    finds_deleted = False
    request: Any
    kwargs: dict

    @cached_property
    def example(self) -> PracticeExample:
        """The example."""
        rows = PracticeExample.objects.all() if self.finds_deleted else PracticeExample.objects.kept()
        rows = rows.select_related("organisation", "consultation", "entry")
        rows = rows.defer("search", "consultation__search", "entry__search")
        found = get_object_or_404(rows, slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, found):
            raise PermissionDenied
        return found

    @property
    def record(self) -> PracticeExample:
        """The example, as pages about any record call it."""
        return self.example

    @cached_property
    def check(self) -> ExampleCheck | None:
        """What waits to be decided about it, or is still being written."""
        return self.example.checks.open().select_related("sent_by").first()

    @property
    def waits(self) -> bool:
        """Whether what this person changes waits until the Family Information Service has seen it."""
        if not self.example.is_published:
            return False
        # Whoever checks what was sent joins it: one decision is about all of it.
        if self.check and self.check.is_change and self.check.sent_at:
            return True
        return not self.request.user.has_perm(Permission.CHECK_LISTING)

    @property
    def back_url(self) -> str:
        """The staff page of the example."""
        return reverse("practice:desk-example", args=[self.example.slug])

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.example  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def home(self) -> HttpResponse:
        """Back to the page of the example."""
        return redirect(self.back_url)


class OneExample(AboutExample, NotesBeside, TemplateView):
    """One example: how far it has got, its steps, and everything that can be done with it."""

    template_name = "practice/desk/example.html"
    finds_deleted = True
    record_kind = "example"

    def get_context_data(self, **kwargs):
        """The steps and the doors."""
        example, user = self.example, self.request.user
        returned = example.checks.exclude(reason="").select_related("decided_by").first()
        is_there = example.deleted_at is None
        may_publish = user.has_perm(Permission.PUBLISH_EXAMPLE, example)
        return super().get_context_data(
            example=example,
            tag=state_of(example),
            steps=[{"step": step, "is_done": _is_done(example, step)} for step in STEPS.values()],
            check=self.check,
            waits=self.waits,
            returned=returned
            if returned and (example.returned_at or (self.check and not self.check.sent_at))
            else None,
            may_edit=is_there,
            may_send=is_there and not example.is_published and not example.archived_at and not self.check,
            may_archive=example.is_published and may_publish,
            may_throw_away=is_there and example.published_at is None,
            may_bring_back=(example.archived_at and may_publish) or example.deleted_at,
            may_check=self.check and self.check.sent_at and user.has_perm(Permission.CHECK_LISTING),
            check_url=reverse("practice:check", args=[self.check.pk]) if self.check else "",
            removed_tries=list(
                example.tries.filter(removed_at__gt=timezone.now() - actions.UNDO_FOR).select_related("organisation")
            ),
            **kwargs,
        )


def _is_done(example: PracticeExample, step: Step) -> bool:
    return all(value_of(example, name) for name in step.wants)


# --- Steps


class WriteStep(AboutExample, StepPage):
    """One short page of an example, saved on the way to the next."""

    leave_url = AboutExample.back_url

    @property
    def back_text(self) -> str:
        """What the example is called."""
        return self.example.title

    def steps(self):
        """The steps of every example."""
        return list(STEPS.values())

    def values_now(self):
        """As it says now."""
        return values_of(self.example, self.step.names)

    def get_form_kwargs(self):
        """Which example it is."""
        return super().get_form_kwargs() | {"example": self.example}

    def save(self, form, mark):
        """Save it."""
        return actions.save_values(
            self.example, by=self.request.user, on=today(), values=form.plain_values(), mark=mark, waits=self.waits
        )

    def in_words(self, name, value, day):
        """A field as people read it."""
        return title_of(name), words_of(name, value, day)

    def go_on(self, following):
        """The next step, or the page that sends it."""
        if following is None:
            return redirect("practice:send", slug=self.example.slug)
        return redirect("practice:write", slug=self.example.slug, step=following.key)


class AddExample(FormView):
    """The first step of a new example, filled in from a change that families were told of, where one is named."""

    permission = Permission.ADD_EXAMPLE
    template_name = "core/desk/step.html"
    step = STEPS["what"]

    @cached_property
    def entry(self) -> FeedbackEntry | None:
        """The change it will tell of: one that the person may write about."""
        asked = self.request.GET.get("entry", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
        rows = FeedbackEntry.objects.published().filter(reach(self.request.user), pk=number)
        return rows.defer("search").first()

    def get_form(self, form_class=None):
        """The first step."""
        data = self.request.POST if self.request.method == "POST" else None
        form = self.step.form(data, user=self.request.user, values={})
        if self.entry:
            form.initial |= {
                "title": self.entry.theme,
                "organisation": self.entry.organisation_id,
                "year": self.entry.done_on.year if self.entry.done_on else None,
            }
        return form

    def form_valid(self, form):
        """Keep it as a draft, with what the entry says already, and go on."""
        known = _told_by(self.entry) if self.entry else {}
        try:
            example = actions.start(by=self.request.user, values=known | form.plain_values())
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Saved as a draft. Families cannot see it."))
        return redirect("practice:write", slug=example.slug, step="about")

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        """The first of so many."""
        home = reverse("practice:desk-examples")
        return super().get_context_data(
            step=self.step,
            number=1,
            count=len(STEPS),
            back_url=home,
            back_text=_("Your good practice"),
            leave_url=home,
            **kwargs,
        )


def _told_by(entry: FeedbackEntry) -> dict[str, Any]:
    """What an entry says of a change, as the first words of an example."""
    is_public = entry.consultation_id and entry.consultation and entry.consultation.is_published
    return {
        "entry": entry.pk,
        "consultation": entry.consultation_id if is_public else None,
        "parents_said": entry.you_said,
        "we_did": entry.we_did,
        "changed_families": entry.what_changed,
        "topics": sorted(entry.topics.values_list("pk", flat=True)),
    }


# --- One thing done with an example


class ActOnExample(AboutExample, ActingView):
    """A page that does one thing with an example."""

    template_name = "practice/desk/act.html"
    form_class: type[forms.Form] = NothingForm
    words: Words
    done: Any

    def do(self, said: dict[str, Any]) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said) -> HttpResponse:
        """Do it, say so, and go back to the example."""
        self.do(said)
        messages.success(self.request, self.done)
        return self.home()

    def get_context_data(self, **kwargs):
        """The words of the page."""
        return super().get_context_data(record=self.example, words=self.words, back_url=self.back_url, **kwargs)


class Send(ActOnExample):
    """Send a draft, or the changes to what families see, to be checked."""

    words = Words(
        gettext_lazy("Send it to be checked"),
        gettext_lazy("The Family Information Service reads it first, most often within two working days."),
        gettext_lazy("Send it"),
    )
    done = gettext_lazy("Sent. The Family Information Service checks it, most often within two working days.")

    def do(self, said):
        """Send it."""
        actions.submit(self.example, by=self.request.user, now=timezone.now())

    def get_context_data(self, **kwargs):
        """What is still missing, each with the step that asks for it."""
        lacks = {} if self.example.is_published else actions.missing(self.example)
        rows = [
            {"words": words, "step": step, "url": reverse("practice:write", args=[self.example.slug, step.key])}
            for step in STEPS.values()
            for name in step.names
            for words in lacks.get(name, [])
        ]
        return super().get_context_data(lacks=rows, **kwargs)


class TakeChangesBack(ActOnExample):
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
        check = actions.waiting_change(self.example)
        if check is None:
            raise ValidationError(_("No change waits any more."))
        actions.take_changes_back(check, by=self.request.user)


class TakeOff(ActOnExample):
    """Take an example off the site."""

    permission = Permission.PUBLISH_EXAMPLE
    words = Words(
        gettext_lazy("Take it off the site"),
        gettext_lazy("Nobody finds it any more. You can bring it back."),
        gettext_lazy("Take it off"),
        warns=True,
    )
    done = gettext_lazy("It is off the site. You can bring it back here.")

    def do(self, said):
        """Take it off."""
        actions.archive(self.example, by=self.request.user, now=timezone.now())


class ThrowAway(ActOnExample):
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
        actions.throw_away(self.example, by=self.request.user, now=timezone.now())


class BringBack(ActOnExample):
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
        if self.example.archived_at and not user.has_perm(Permission.PUBLISH_EXAMPLE, self.example):
            raise ValidationError(_("The lead of your service, or the Family Information Service, brings it back."))
        actions.bring_back(self.example, by=user, on=today(), now=timezone.now())


class ExamplePast(AboutExample, PastPage):
    """What was done to an example, newest first, in sentences."""


# --- Checks


class OneExampleCheck(CheckPage):
    """An example that was sent to be checked."""

    kwargs: dict

    @cached_property
    def check(self) -> ExampleCheck:
        """What was sent."""
        rows = ExampleCheck.objects.select_related("example__organisation", "sent_by").defer("example__search")
        return get_object_or_404(rows, pk=self.kwargs["pk"], example__deleted_at__isnull=True)

    queue_url = property(lambda self: reverse("consultations:checks"))
    home_url = property(lambda self: reverse("practice:desk-example", args=[self.check.example.slug]))
    url = property(lambda self: reverse("practice:check", args=[self.check.pk]))
    approve_url = property(lambda self: reverse("practice:approve", args=[self.check.pk]))
    send_back_url = property(lambda self: reverse("practice:send-back", args=[self.check.pk]))

    def differences(self):
        """What changes, or all of a new one, step by step."""
        check, day = self.check, today()
        found = []
        for step in STEPS.values():
            url = reverse("practice:write", args=[check.example.slug, step.key])
            for name in step.names:
                if not check.is_change:
                    now = value_of(check.example, name)
                    if now:
                        found.append(Difference(title_of(name), "", words_of(name, now, day), url))
                elif name in check.values:
                    before = words_of(name, value_of(check.example, name), day)
                    found.append(Difference(title_of(name), before, words_of(name, check.values[name], day), url))
        return found


class ApproveExample(ApprovePress, OneExampleCheck):
    """The press that lets an example through."""

    def approve(self, said):
        """Approve it."""
        actions.approve(self.check, by=self.request.user, on=today(), now=timezone.now())


class SendExampleBack(SendBackPress, OneExampleCheck):
    """The press that sends an example back."""

    def send_back(self, reason):
        """Send it back with the reason."""
        actions.send_back(self.check, by=self.request.user, reason=reason, now=timezone.now())


# --- Tried here


class RecordTry(ActingView):
    """Say that another service tried what an example tells, and how it went."""

    permission = Permission.ADD_EXAMPLE
    template_name = "practice/desk/tried.html"
    form_class = TriedForm

    @cached_property
    def example(self) -> PracticeExample:
        """An example that everybody can read."""
        rows = PracticeExample.objects.published().select_related("organisation").defer("search")
        return get_object_or_404(rows, slug=self.kwargs["slug"])

    def get_form_kwargs(self):
        """Who asks, and of which example."""
        return super().get_form_kwargs() | {"user": self.request.user, "example": self.example}

    def act(self, said):
        """Record it."""
        facts = {name: said[name] for name in ("organisation", "tried_on", "how_it_went", "words")}
        actions.record_try(self.example, by=self.request.user, on=today(), **facts)
        messages.success(self.request, _("Recorded. Families can read it now."))
        return redirect(self.example)

    def get_context_data(self, **kwargs):
        """Which example it is."""
        return super().get_context_data(example=self.example, **kwargs)


class AboutTry(ActingView):
    """A staff page about what one service said of trying an example."""

    permission = Permission.EDIT_TRIED
    template_name = "practice/desk/act.html"
    form_class: type[forms.Form] = NothingForm
    is_removed = False
    words: Words
    done: Any

    @cached_property
    def tried(self) -> Tried:
        """What they said, while its example is on the site."""
        rows = Tried.objects.filter(removed_at__isnull=not self.is_removed).select_related(
            "organisation", "example__organisation"
        )
        published = PracticeExample.objects.published().values("pk")
        tried = get_object_or_404(rows.defer("example__search"), pk=self.kwargs["pk"], example__in=published)
        if not self.request.user.has_perm(self.permission, tried):
            raise PermissionDenied
        return tried

    @property
    def example(self) -> PracticeExample:
        """The example it is about."""
        return self.tried.example

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.tried  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)

    def do(self, said: dict[str, Any]) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said):
        """Do it, say so, and show the page of the example."""
        self.do(said)
        messages.success(self.request, self.done)
        return redirect(self.example)

    def get_context_data(self, **kwargs):
        """The words of the page."""
        kwargs.setdefault("words", getattr(self, "words", None))
        return super().get_context_data(
            example=self.example,
            record=self.example,
            tried=self.tried,
            back_url=self.example.get_absolute_url(),
            **kwargs,
        )


class ChangeTry(AboutTry):
    """Say better what happened."""

    template_name = "practice/desk/tried.html"
    form_class = TriedForm
    done = gettext_lazy("Saved. Families can read it now.")

    def get_form_kwargs(self):
        """Who asks, and of which example."""
        return super().get_form_kwargs() | {"user": self.request.user, "example": self.example}

    def get_initial(self):
        """What it says now."""
        tried = self.tried
        return {
            "organisation": tried.organisation_id,
            "tried_on": tried.tried_on,
            "how_it_went": tried.how_it_went,
            "words": tried.words,
            "version": tried.version,
        }

    def do(self, said):
        """Save it, unless somebody else was faster."""
        facts = {name: said[name] for name in ("organisation", "tried_on", "how_it_went", "words")}
        try:
            actions.change_try(self.tried, by=self.request.user, on=today(), version=said["version"] or 0, **facts)
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Open this page again to see what it says now.")
            ) from None


class RemoveTry(AboutTry):
    """Take away what a service said of trying it."""

    words = Words(
        gettext_lazy("Take away what was said of trying it"),
        gettext_lazy("Families do not see it any more. For 30 days it can be brought back."),
        gettext_lazy("Take it away"),
        warns=True,
    )
    done = gettext_lazy("It is gone. The service whose example it is, and yours, can bring it back for 30 days.")

    def do(self, said):
        """Take it away."""
        actions.remove_try(self.tried, by=self.request.user, now=timezone.now())


class RestoreTry(AboutTry):
    """Bring back what a service said of trying it."""

    is_removed = True
    words = Words(
        gettext_lazy("Bring back what was said of trying it"),
        gettext_lazy("Families see it again on the page of the example."),
        gettext_lazy("Bring it back"),
    )
    done = gettext_lazy("It is back.")

    def do(self, said):
        """Bring it back."""
        actions.restore_try(self.tried, by=self.request.user, now=timezone.now())


_ONE = "desk/practice/<slug:slug>/"
desk_urlpatterns = [
    path("desk/practice/", Examples.as_view(), name="desk-examples"),
    path("desk/practice/add/", AddExample.as_view(), name="add"),
    path("desk/practice/checks/<int:pk>/", OneExampleCheck.as_view(), name="check"),
    path("desk/practice/checks/<int:pk>/approve/", ApproveExample.as_view(), name="approve"),
    path("desk/practice/checks/<int:pk>/send-back/", SendExampleBack.as_view(), name="send-back"),
    path("desk/practice/tried/<int:pk>/", ChangeTry.as_view(), name="tried"),
    path("desk/practice/tried/<int:pk>/take-away/", RemoveTry.as_view(), name="tried-remove"),
    path("desk/practice/tried/<int:pk>/bring-back/", RestoreTry.as_view(), name="tried-restore"),
    path(_ONE, OneExample.as_view(), name="desk-example"),
    path(f"{_ONE}write/<slug:step>/", WriteStep.as_view(), name="write"),
    path(f"{_ONE}send/", Send.as_view(), name="send"),
    path(f"{_ONE}take-back/", TakeChangesBack.as_view(), name="take-changes-back"),
    path(f"{_ONE}take-off/", TakeOff.as_view(), name="take-off"),
    path(f"{_ONE}throw-away/", ThrowAway.as_view(), name="throw-away"),
    path(f"{_ONE}bring-back/", BringBack.as_view(), name="bring-back"),
    path(f"{_ONE}history/", ExamplePast.as_view(), name="history"),
    path(f"{_ONE}try/", RecordTry.as_view(), name="try"),
]
