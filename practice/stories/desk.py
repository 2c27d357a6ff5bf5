"""Staff pages of parents' stories: write one down, record the permission, publish it, take it off."""

from functools import cached_property

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.models import Membership
from accounts.rules import is_fis, roles_of
from core.acting import ActingView, NothingForm, Words
from core.dates import today
from core.permissions import Permission
from core.publishing import Conflict, EditorialState
from practice.stories import actions
from practice.stories.forms import ConsentForm, ReasonForm, StoryForm
from practice.stories.models import ParentStory, StoryConsent, standing_consents

PER_PAGE = 20
COLOURS = {
    EditorialState.DRAFT: "forthcoming",
    EditorialState.SUBMITTED: "awaiting",
    EditorialState.RETURNED: "late",
    EditorialState.PUBLISHED: "responded",
}


def state_of(story: ParentStory) -> tuple[str, str]:
    """How far a story has got, as the colour and the words of a tag. Its permission counts before all else."""
    if story.erased_at:
        return "withdrawn", _("Removed: the permission is over")
    if story.editorial_state == EditorialState.PUBLISHED and not story.may_be_read:
        return "late", _("Off the site: no permission for it")
    return COLOURS.get(story.editorial_state, "closed"), str(story.editorial_state.label)


def stories_of(user):
    """The stories that the person may write, each with whether its permission stands today."""

    rows = ParentStory.objects.visible_to(user).annotate(may_be_read=Exists(standing_consents(today())))
    return rows.select_related("organisation", "owner__user").defer("search")


class DeskStories(TemplateView):
    """The stories of the bodies that the person writes for, each with how far it has got."""

    permission = Permission.USE_DESK
    template_name = "stories/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of them."""
        user = self.request.user
        rows = stories_of(user)
        words = " ".join(self.request.GET.get("q", "").replace("\x00", "").split())[:100]
        if words:
            rows = rows.filter(title__icontains=words)
        page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        ends = {}
        for consent in StoryConsent.objects.filter(story__in=list(page), withdrawn_on=None).order_by("consent_on"):
            ends[consent.story_id] = consent.expires_on
        return super().get_context_data(
            page=page,
            rows=[{"story": row, "tag": state_of(row), "ends": ends.get(row.pk)} for row in page],
            words=words,
            may_add=user.has_perm(Permission.ADD_STORY),
            **kwargs,
        )


class AboutStory:
    """A staff page about one story: only for those who may do this with it."""

    permission = Permission.EDIT_STORY
    # Whether the page still has something to do once the words are gone.
    outlives_words = False

    @cached_property
    def story(self) -> ParentStory:
        """The story that the address names."""
        return get_object_or_404(stories_of(self.request.user), slug=self.kwargs["slug"])

    @cached_property
    def consent(self) -> StoryConsent | None:
        """The newest permission."""
        return self.story.consents.order_by("-consent_on", "-pk").first()

    def dispatch(self, request, *args, **kwargs):
        """Nobody else gets further; of a story that was removed there is only its page."""
        if not request.user.has_perm(self.permission, self.story):
            raise PermissionDenied
        if self.story.erased_at and not self.outlives_words:
            messages.info(request, _("This story was removed. Nothing of it is left to change."))
            return redirect("practice:desk-story", self.story.slug)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The story, and its permission."""
        return super().get_context_data(story=self.story, consent=self.consent, **kwargs)


class DeskStory(AboutStory, TemplateView):
    """One story as families will read it, what it lacks, and what can be done."""

    template_name = "stories/desk/story.html"
    outlives_words = True

    def get_context_data(self, **kwargs):
        """Its state, and what stands between it and its readers."""
        user, story = self.request.user, self.story
        owns = story.owner is not None and story.owner.user_id == user.pk
        return super().get_context_data(
            tag=state_of(story),
            lacking=[] if story.erased_at else actions.lacks(story, today()),
            may_publish=user.has_perm(Permission.PUBLISH_STORY),
            # Only editors know who the storyteller is (content: story_consent).
            sees_teller=is_fis(user) or owns,
            **kwargs,
        )


class WriteStory(ActingView):
    """One plain form: all that families read of it."""

    permission = Permission.ADD_STORY
    template_name = "stories/desk/edit.html"
    form_class = StoryForm
    story: ParentStory | None = None

    def get_form_kwargs(self):
        """Who writes it down."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Write it down."""
        user = self.request.user
        facts = self.form.facts()
        story = self.story or ParentStory(owner=_membership_for(user, facts["organisation"]))
        try:
            story, ended = actions.save_story(
                story, by=user, facts=facts, topics=said["topics"], version=said.get("version")
            )
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None
        if ended:
            messages.warning(self.request, _("Saved. You changed what the parent agreed to, so ask them again."))
        else:
            messages.success(self.request, _("Saved. Families do not see it before it is published."))
        return redirect("practice:desk-story", story.slug)

    def get_context_data(self, **kwargs):
        """Which one it is."""
        return super().get_context_data(**{"story": self.story} | kwargs)


def _membership_for(user, organisation) -> Membership | None:
    """As whom somebody looks after a story of an organisation."""
    roles = list(roles_of(user))
    near = [each for each in roles if organisation.path.startswith(each.organisation.path)]
    return (near or roles or [None])[0]


class ChangeStory(AboutStory, WriteStory):
    """A story as it is, to be changed."""

    permission = Permission.EDIT_STORY

    def get_initial(self):
        """The story as it is."""
        return StoryForm.first_values(self.story)

    def get_context_data(self, **kwargs):
        """Whether somebody has agreed to the text as it stands."""
        agreed = self.consent is not None and self.consent.agreed_text == self.story.text_mark
        return super().get_context_data(is_agreed=agreed, **kwargs)


class RecordConsent(AboutStory, ActingView):
    """Write down what the parent permits."""

    template_name = "stories/desk/consent.html"
    form_class = ConsentForm

    def get_initial(self):
        """Today, and two years on; who told it, if this person may know."""
        first = ConsentForm.first_values()
        known, user = self.consent, self.request.user
        owns = self.story.owner is not None and self.story.owner.user_id == user.pk
        if known is None or known.withdrawn_on or not (is_fis(user) or owns):
            return first
        names = ("storyteller_ref", "email", "uses", "child_view", "others_view")
        answers = {name: "yes" if getattr(known, name) else "no" for name in ("includes_child", "others_named")}
        return first | {name: getattr(known, name) for name in names} | answers

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Write it down."""
        actions.record_consent(self.story, by=self.request.user, facts=self.form.facts())
        messages.success(self.request, _("The permission is recorded."))
        return redirect("practice:desk-story", self.story.slug)


class ActOnStory(AboutStory, ActingView):
    """A page that does one thing with a story."""

    template_name = "stories/desk/act.html"
    form_class: type[forms.Form] = NothingForm
    words: Words
    done = gettext_lazy("Done.")

    def do(self, said: dict) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said):
        """Do it, say so, and go back to its page."""
        self.do(said)
        messages.success(self.request, self.done)
        return redirect("practice:desk-story", self.story.slug)

    def get_context_data(self, **kwargs):
        """The words of the page."""
        return super().get_context_data(words=self.words, **kwargs)


class OfThoseWhoPublish:
    """Only who looks after the hub does this. It stands before the page."""

    def dispatch(self, request, *args, **kwargs):
        """Nobody else gets further."""
        if not request.user.has_perm(Permission.PUBLISH_STORY):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SendStory(ActOnStory):
    """Have it checked."""

    words = Words(
        gettext_lazy("Send it to be checked"),
        gettext_lazy("The Family Information Service reads it and publishes it, or says what to change."),
        gettext_lazy("Send it"),
    )
    done = gettext_lazy("Sent to be checked. Families do not see it yet.")

    def do(self, said):
        """Send it."""
        actions.send_to_be_checked(self.story, by=self.request.user, on=today(), now=timezone.now())


class PublishStory(OfThoseWhoPublish, ActOnStory):
    """Let families read it."""

    words = Words(
        gettext_lazy("Publish the story"),
        gettext_lazy("Read it once more: could somebody tell whose child it is? Two details together can show it."),
        gettext_lazy("Publish it"),
    )
    done = gettext_lazy("Families can read it now.")

    def do(self, said):
        """Publish it."""
        actions.publish_story(self.story, by=self.request.user, on=today())


class SendStoryBack(OfThoseWhoPublish, ActOnStory):
    """Say what to change."""

    form_class = ReasonForm
    words = Words(
        gettext_lazy("Send it back"),
        gettext_lazy("Whoever wrote it down reads what you say."),
        gettext_lazy("Send it back"),
    )
    done = gettext_lazy("Sent back, with what to change.")

    def do(self, said):
        """Send it back."""
        actions.send_back(self.story, by=self.request.user, reason=said["reason"], now=timezone.now())


class TakeStoryOff(ActOnStory):
    """Off the site, with its permission left as it is."""

    words = Words(
        gettext_lazy("Take it off the site"),
        gettext_lazy("Its address says that it was removed. You can publish it again while the permission stands."),
        gettext_lazy("Take it off"),
        warns=True,
    )
    done = gettext_lazy("It is off the site.")

    def do(self, said):
        """Take it off."""
        actions.take_off(self.story, by=self.request.user, now=timezone.now())


class WithdrawStory(ActOnStory):
    """The parent takes their permission back."""

    words = Words(
        gettext_lazy("The parent takes the permission back"),
        gettext_lazy(
            "The story comes off every page, list, feed and search at once. Its words and who told it are erased. "
            "You cannot undo this. Printed copies and shared posts you have to call back yourself."
        ),
        gettext_lazy("Remove the story"),
        warns=True,
    )
    done = gettext_lazy("The story is removed, and its words are erased.")

    def do(self, said):
        """Remove it."""
        actions.withdraw(self.story, by=self.request.user, on=today(), now=timezone.now())


desk_urlpatterns = [
    path("desk/stories/", DeskStories.as_view(), name="desk-stories"),
    path("desk/stories/new/", WriteStory.as_view(), name="story-add"),
    path("desk/stories/<slug:slug>/", DeskStory.as_view(), name="desk-story"),
    path("desk/stories/<slug:slug>/edit/", ChangeStory.as_view(), name="story-edit"),
    path("desk/stories/<slug:slug>/permission/", RecordConsent.as_view(), name="story-consent"),
    path("desk/stories/<slug:slug>/send/", SendStory.as_view(), name="story-send"),
    path("desk/stories/<slug:slug>/publish/", PublishStory.as_view(), name="story-publish"),
    path("desk/stories/<slug:slug>/send-back/", SendStoryBack.as_view(), name="story-send-back"),
    path("desk/stories/<slug:slug>/take-off/", TakeStoryOff.as_view(), name="story-take-off"),
    path("desk/stories/<slug:slug>/remove/", WithdrawStory.as_view(), name="story-withdraw"),
]
