"""Staff pages about toolkits and links: the list, one of them, what waits to be checked, what people suggest."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.beside import NotesBeside
from accounts.rules import is_fis, reach
from consultations.events.desk import Words
from core.acting import ActingView
from core.dates import today
from core.freshness import TIMELINE, Freshness
from core.links import words as link_words
from core.models import Link
from core.permissions import Permission
from core.publishing import PUBLISHED, WAITING, Conflict, EditorialState
from practice.resources import actions
from practice.resources.forms import BackForm, DeclineForm, PressForm, ResourceForm
from practice.resources.listing import ResourceListing
from practice.resources.models import Resource, Suggestion

PER_PAGE = 20
COLOURS = {
    EditorialState.PUBLISHED: "open",
    EditorialState.SUBMITTED: "awaiting",
    EditorialState.RETURNED: "late",
    EditorialState.ARCHIVED: "closed",
    EditorialState.DELETED: "withdrawn",
}

# --- The list

SHOWN = {
    "": gettext_lazy("All"),
    "waiting": gettext_lazy("To check"),
    "broken": gettext_lazy("Link does not work"),
    "old": gettext_lazy("Not looked at lately"),
    "drafts": gettext_lazy("Drafts"),
    "off": gettext_lazy("Taken off the site"),
    "bin": gettext_lazy("Thrown away"),
}


def resources_asked(asked) -> tuple[str, str]:
    """The words and the part of the list that an address asks for."""
    show = asked.get("show", "")
    return " ".join((asked.get("q") or "").replace("\x00", "").split())[:100], show if show in SHOWN else ""


def _part(show: str, day: date) -> Q:
    """Conditions true of one part of the list."""
    kept = Q(deleted_at__isnull=True)
    broken = Q(url__in=Link.objects.broken().values("url"))
    return {
        "": kept,
        "waiting": WAITING,
        "broken": PUBLISHED & broken,
        "old": PUBLISHED & TIMELINE.within(Freshness.STALE, day),
        "drafts": kept & Q(published_at__isnull=True) & ~WAITING,
        "off": kept & Q(archived_at__isnull=False),
        "bin": Q(deleted_at__gte=timezone.now() - actions.UNDO_FOR),
    }[show]


def resources_of(user, words: str, show: str, *, day: date):
    """A part of the list: those of the bodies that the person writes for; all for who looks after the hub."""
    resources = Resource.objects.filter(reach(user)).filter(_part(show, day))
    for word in words.split():
        resources = resources.filter(Q(title__icontains=word) | Q(publisher__icontains=word))
    order = ("submitted_at", "pk") if show == "waiting" else ("-created_at", "-pk")
    return resources.order_by(*order)


@dataclass(frozen=True)
class Row:
    """One of the list, as staff see it."""

    listing: ResourceListing
    colour: str
    words: str
    url: str
    votes: str


def row_of(resource: Resource, day: date, *, may_edit: bool = True) -> Row:
    """One that was read `for_cards`."""
    listing, state = ResourceListing(resource, day), resource.editorial_state
    colour, words = COLOURS.get(state, "forthcoming"), str(state.label)
    if state == EditorialState.PUBLISHED and listing.is_broken:
        colour, words = "late", _("Hidden from families: the link does not work")
    url = reverse("resources:desk-resource", args=[resource.slug]) if may_edit else resource.get_absolute_url()
    return Row(listing, colour, words, url, votes_words(resource))


def votes_words(resource: Resource) -> str:
    """What people answered, for staff; empty when nobody did."""
    votes = getattr(resource, "votes", None)
    if votes is None:
        return ""
    return _("Useful: %(yes)s yes, %(no)s no") % {"yes": votes.useful, "no": votes.not_useful}


class Resources(TemplateView):
    """The toolkits and links that the person may see on the desk, the newest first."""

    permission = Permission.USE_DESK
    template_name = "resources/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of them, the parts of the list with their counts, and how many suggestions wait."""
        user, day = self.request.user, today()
        words, show = resources_asked(self.request.GET)
        page = Paginator(resources_of(user, words, show, day=day), PER_PAGE).get_page(self.request.GET.get("page"))
        rows = page.object_list.for_cards()
        fis = is_fis(user)
        counted = {f"n_{name}": Count("pk", filter=_part(name, day)) for name in SHOWN}
        counts = Resource.objects.filter(reach(user)).aggregate(**counted)
        parts = [
            {"name": name, "text": text, "count": counts[f"n_{name}"], "here": name == show}
            for name, text in SHOWN.items()
            if counts[f"n_{name}"] or name in ("", show)
        ]
        return super().get_context_data(
            rows=[row_of(each, day, may_edit=fis or not each.published_at) for each in rows],
            page=page,
            words=words,
            show=show,
            title=SHOWN[show],
            parts=parts,
            may_add=user.has_perm(Permission.ADD_RESOURCE),
            suggested=Suggestion.objects.waiting().count() if user.has_perm(Permission.CHECK_SUGGESTIONS) else None,
            **kwargs,
        )


# --- One of them


class AboutResource:
    """A staff page about one toolkit or link: only for those who may do this with it."""

    permission = Permission.EDIT_RESOURCE
    of_thrown_away = False
    request: Any
    kwargs: dict

    @cached_property
    def resource(self) -> Resource:
        """The toolkit or link."""
        rows = Resource.objects.all() if self.of_thrown_away else Resource.objects.kept()
        resource = get_object_or_404(rows.for_cards().select_related("sent_by"), slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, resource):
            raise PermissionDenied
        return resource

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.resource  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class OneResource(AboutResource, NotesBeside, TemplateView):
    """One toolkit or link: how it stands, whether its link works, what people say of it, and what can be done."""

    template_name = "resources/desk/resource.html"
    record_kind = "resource"
    record = property(lambda self: self.resource)
    of_thrown_away = True

    def get_context_data(self, **kwargs):
        """All of that."""
        resource, day = self.resource, today()
        link = Link.objects.filter(url=resource.url).first()
        return super().get_context_data(
            resource=resource,
            row=row_of(resource, day),
            listing=ResourceListing(resource, day),
            link=link,
            link_words=link_words(link) if link else _("It was not tried yet"),
            may_publish=self.request.user.has_perm(Permission.PUBLISH_RESOURCE),
            **kwargs,
        )


class EditResource(ActingView):
    """One plain form for a toolkit or link: all that families read about it."""

    template_name = "resources/desk/edit.html"
    form_class = ResourceForm
    resource: Resource | None = None
    suggestion: Suggestion | None = None

    def get_form_kwargs(self):
        """What is changed, and who changes it."""
        return super().get_form_kwargs() | {"instance": self.resource or Resource(), "user": self.request.user}

    def get_initial(self):
        """The version that the person has before them."""
        return {"version": self.resource.version} if self.resource else {}

    def form_valid(self, form):
        """Keep the form, whose boxes the action needs."""
        self._form = form
        return super().form_valid(form)

    @property
    def goes_further(self) -> bool:
        """Whether the button was pressed that also shows it to families, or has it checked."""
        return "further" in self.request.POST

    def act(self, said):
        """Write it down; and show it, or have it checked, where that was pressed."""
        try:
            with transaction.atomic():
                resource = self._save(said)
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None
        if resource.is_published:
            messages.success(self.request, _("Saved. Families see it."))
        elif resource.submitted_at:
            messages.success(self.request, _("Saved, and sent to be checked. Families do not see it yet."))
        else:
            messages.success(self.request, _("Saved. Families do not see it yet."))
        return redirect("resources:desk-resource", slug=resource.slug)

    def _save(self, said) -> Resource:
        user, day = self.request.user, today()
        resource = actions.save_resource(
            self.resource or Resource(),
            by=user,
            on=day,
            facts=self._form.facts(),
            lists=self._form.lists(),
            version=said.get("version"),
        )
        if self.goes_further and not resource.is_published:
            if user.has_perm(Permission.PUBLISH_RESOURCE):
                actions.publish_resource(resource, by=user, on=day)
            else:
                actions.send_to_be_checked(resource, by=user, now=timezone.now())
            resource = Resource.objects.get(pk=resource.pk)
        return resource

    def get_context_data(self, **kwargs):
        """Which it is, and what the buttons do."""
        return super().get_context_data(
            resource=self.resource,
            suggestion=self.suggestion,
            may_publish=self.request.user.has_perm(Permission.PUBLISH_RESOURCE),
            **kwargs,
        )


class AddResource(EditResource):
    """A new toolkit or link."""

    permission = Permission.ADD_RESOURCE


class ChangeResource(AboutResource, EditResource):
    """One as it is, to be changed."""


class ActOnResource(AboutResource, ActingView):
    """A page that does one thing with a toolkit or link."""

    template_name = "resources/desk/act.html"
    form_class: type[forms.Form] = PressForm
    words: Words
    done: Any

    def do(self, said: dict[str, Any]) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said) -> HttpResponse:
        """Do it, say so, and go back to its page."""
        self.do(said)
        messages.success(self.request, self.done)
        return redirect("resources:desk-resource", slug=self.resource.slug)

    def get_context_data(self, **kwargs):
        """The words of the page."""
        return super().get_context_data(resource=self.resource, words=self.words, **kwargs)


class _OfTheHub(ActOnResource):
    """Only who looks after the hub does this."""

    def dispatch(self, request, *args, **kwargs):
        """Nobody else gets further."""
        if not request.user.has_perm(Permission.PUBLISH_RESOURCE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SendResource(ActOnResource):
    """Have it checked."""

    words = Words(
        gettext_lazy("Send it to be checked"),
        gettext_lazy("The Family Information Service looks at it, most often within two working days."),
        gettext_lazy("Send it"),
    )
    done = gettext_lazy("Sent to be checked. Families do not see it yet.")

    def do(self, said):
        """Send it."""
        actions.send_to_be_checked(self.resource, by=self.request.user, now=timezone.now())


class PublishResource(_OfTheHub):
    """Let families see it."""

    words = Words(
        gettext_lazy("Show it to families"),
        gettext_lazy("Families find it in the list, in the search and in the news feed. Its link is tried each week."),
        gettext_lazy("Show it to families"),
    )
    done = gettext_lazy("Families see it now.")

    def do(self, said):
        """Show it."""
        actions.publish_resource(self.resource, by=self.request.user, on=today())


class SendResourceBack(_OfTheHub):
    """Say what to change before families can see it."""

    form_class = BackForm
    words = Words(
        gettext_lazy("Send it back"),
        gettext_lazy("Whoever put it forward reads what to change, and can send it again."),
        gettext_lazy("Send it back"),
    )
    done = gettext_lazy("Sent back, with what to change.")

    def do(self, said):
        """Send it back."""
        actions.send_back(self.resource, by=self.request.user, now=timezone.now(), **said)


class ArchiveResource(_OfTheHub):
    """Take it off the site."""

    words = Words(
        gettext_lazy("Take it off the site"),
        gettext_lazy("Families do not find it any more. Nothing is lost: you can show it again."),
        gettext_lazy("Take it off the site"),
        warns=True,
    )
    done = gettext_lazy("It is off the site. You can show it again at any time.")

    def do(self, said):
        """Take it off."""
        actions.archive_resource(self.resource, by=self.request.user, now=timezone.now())


class ThrowResourceAway(ActOnResource):
    """Throw it away, with thirty days to think again."""

    words = Words(
        gettext_lazy("Throw it away"),
        gettext_lazy("It goes from every page. For 30 days you can bring it back."),
        gettext_lazy("Throw it away"),
        warns=True,
    )
    done = gettext_lazy("Thrown away. For 30 days you can bring it back.")

    def do(self, said):
        """Throw it away."""
        actions.throw_away(self.resource, by=self.request.user, now=timezone.now())


class BringResourceBack(ActOnResource):
    """Take it out of the bin."""

    of_thrown_away = True
    words = Words(
        gettext_lazy("Bring it back"),
        gettext_lazy("It is again as it was. If families saw it then, they see it again."),
        gettext_lazy("Bring it back"),
    )
    done = gettext_lazy("It is back, as it was.")

    def do(self, said):
        """Bring it back."""
        actions.bring_back(self.resource, by=self.request.user, now=timezone.now())


# --- What people suggest


class Suggestions(TemplateView):
    """What the public suggests: what waits, or what was decided lately."""

    permission = Permission.CHECK_SUGGESTIONS
    template_name = "resources/desk/suggestions.html"

    def get_context_data(self, **kwargs):
        """A page of suggestions, each with whether its address opens and whether it is listed already."""
        decided = self.request.GET.get("show") == "decided"
        if decided:
            found = Suggestion.objects.filter(decided_at__isnull=False).order_by("-decided_at", "-pk")
        else:
            found = Suggestion.objects.waiting()
        page = Paginator(found.select_related("decided_by", "resource"), PER_PAGE).get_page(
            self.request.GET.get("page")
        )
        listed = Resource.objects.kept().filter(reference__in=[each.reference for each in page])
        there = {each.reference: each for each in listed.only("title", "slug", "reference")}
        return super().get_context_data(
            rows=[
                {"suggestion": each, "tried": tried_words(each), "listed": there.get(each.reference)} for each in page
            ],
            page=page,
            decided=decided,
            **kwargs,
        )


def tried_words(suggestion: Suggestion) -> str:
    """Whether there is a page at its address, in plain words."""
    if suggestion.tried_at is None:
        return _("It was not tried yet")
    return link_words(Link(code=suggestion.code, why=suggestion.fault))


class AboutSuggestion:
    """A staff page about one suggestion."""

    permission = Permission.CHECK_SUGGESTIONS
    request: Any
    kwargs: dict

    @cached_property
    def suggestion(self) -> Suggestion:
        """What was suggested."""
        return get_object_or_404(Suggestion, pk=self.kwargs["pk"])


class AcceptSuggestion(AboutSuggestion, EditResource):
    """A new toolkit or link, with what was suggested filled in."""

    def get(self, request, *args, **kwargs):
        """One that is decided is over."""
        if self.suggestion.decided_at:
            messages.info(request, _("This does not wait any more."))
            return redirect("resources:suggestions")
        return super().get(request, *args, **kwargs)

    def get_initial(self):
        """What was suggested. Their words are a start: people who work here say what it is."""
        said = self.suggestion
        return {"title": said.title, "url": said.url, "summary": said.why}

    def _save(self, said) -> Resource:
        return actions.accept(
            self.suggestion,
            by=self.request.user,
            on=today(),
            now=timezone.now(),
            facts=self._form.facts(),
            lists=self._form.lists(),
            publish=self.goes_further,
        )


class DeclineSuggestion(AboutSuggestion, ActingView):
    """Say why a suggestion is not listed."""

    template_name = "resources/desk/suggestion.html"
    form_class = DeclineForm
    words = Words(
        gettext_lazy("Do not list it"),
        gettext_lazy("The suggestion goes from the queue, and what was written beside it is deleted."),
        gettext_lazy("Do not list it"),
    )
    done = gettext_lazy("It is not listed. You find it under “Decided”.")

    def do(self, said):
        """Decline it."""
        actions.decline(self.suggestion, by=self.request.user, now=timezone.now(), **said)

    def act(self, said):
        """Do it, and go on with the queue."""
        self.do(said)
        messages.success(self.request, self.done)
        return redirect("resources:suggestions")

    def get_context_data(self, **kwargs):
        """What was suggested."""
        return super().get_context_data(suggestion=self.suggestion, words=self.words, **kwargs)


class TakeUpAgain(DeclineSuggestion):
    """Have a declined suggestion wait again."""

    form_class = PressForm
    words = Words(
        gettext_lazy("Look at it again"),
        gettext_lazy("It waits in the queue again."),
        gettext_lazy("Look at it again"),
    )
    done = gettext_lazy("It waits again.")

    def do(self, said):
        """Take it up."""
        actions.take_up_again(self.suggestion, by=self.request.user)
