"""Staff pages about people: who acts for whom, handing over, leaving, addresses, and who looks after the hub."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import DetailView, ListView, TemplateView

from accounts import actions
from accounts.beside import labels_of, records_labelled, suggestions, watched_by, with_changes, within_reach
from accounts.forms import AddressForm, HandOverForm, LabelForm, NoteForm, PersonForm, PressForm, SignInForm
from accounts.models import Membership, Note, RecordLabel, Role, Watch
from accounts.rules import is_fis, is_superuser, paths_of, roles_of
from core.acting import ActingView
from core.actions import say_still_right
from core.dates import today
from core.duties import duties_of
from core.facts import facts
from core.forms import show_refusal
from core.permissions import Permission
from core.records import Kind, kinds
from notices import forecast
from notices.actions import mend_duties
from notices.desk import rows_of
from notices.ledger import hash_of
from notices.models import Notice

PER_PAGE = 20


def words_asked(asked) -> str:
    """The words that a list of people is to be narrowed by."""
    return asked.get("q", "").replace("\x00", "").strip()[:100]


def people_seen_by(user, words: str):
    """Everybody for the Family Information Service; for a lead those of their body and below. `words` narrow it."""
    people = Membership.objects.active().select_related("user", "organisation")
    if not is_fis(user):
        reached = Q(pk__in=[])
        for path in paths_of(user, roles=(Role.LEAD,)):
            reached |= Q(organisation__path__startswith=path)
        people = people.filter(reached)
    for word in words.split():
        people = people.filter(
            Q(user__name__icontains=word)
            | Q(user__email__icontains=word)
            | Q(job_title__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    return people.order_by("organisation__name", "role", "user__email", "pk")


class People(ListView):
    """Everybody who acts for an organisation, as far as this person may see."""

    permission = Permission.SEE_PEOPLE
    template_name = "accounts/desk/people.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """As far as this person may see, and with the words that were asked for."""
        self.asked = words_asked(self.request.GET)
        return people_seen_by(self.request.user, self.asked)

    def get_context_data(self, **kwargs):
        """With what was searched for."""
        user = self.request.user
        return super().get_context_data(
            asked=self.asked,
            may_add=user.has_perm(Permission.ADD_PEOPLE),
            sees_messages=user.has_perm(Permission.SEE_MESSAGES),
            answers_rights=user.has_perm(Permission.ANSWER_RIGHTS),
            sets_up=user.has_perm(Permission.SET_UP_HUB),
            **kwargs,
        )


class AboutMembership:
    """A page about one person's role, for those who may move people there."""

    permission = Permission.MOVE_PEOPLE

    @cached_property
    def membership(self) -> Membership:
        """The role, if this person may see to it."""
        rows = Membership.objects.select_related("user", "organisation")
        membership = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, membership):
            raise PermissionDenied
        return membership

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not; a role that has ended is history."""
        if self.membership.ended_on is not None:
            messages.info(request, _("This role has ended."))
            return redirect("accounts:people")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Whose role it is."""
        return super().get_context_data(membership=self.membership, **kwargs)


class HandOver(AboutMembership, ActingView):
    """Hand over what somebody answers for, and perhaps end their role."""

    template_name = "accounts/desk/hand_over.html"
    form_class = HandOverForm

    @cached_property
    def duties(self) -> list:
        """What names them."""
        return duties_of(self.membership.pk, today())

    def get_form_kwargs(self):
        """Those who could take over."""
        near = Membership.objects.could_answer_for(self.membership.organisation)
        return super().get_form_kwargs() | {
            "takers": near.exclude(user=self.membership.user),
            "has_duties": bool(self.duties),
        }

    def act(self, said):
        """Hand over; end the role when they leave."""
        who, on, to = self.request.user, today(), said["to"]
        if said["leaves"] == HandOverForm.LEAVES:
            count = actions.end_membership(self.membership, by=who, on=on, to=to)
        elif to is None:
            raise ValidationError({"to": [_("Choose who takes over")]})
        else:
            count = actions.hand_over(self.membership, by=who, on=on, to=to)
        mend_duties(by=who, on=on, now=timezone.now())
        words = ngettext("%(count)d thing was handed over.", "%(count)d things were handed over.", count)
        done = words % {"count": count} if count else _("Nothing had to be handed over.")
        if said["leaves"] == HandOverForm.LEAVES:
            done = f"{_('The role has ended.')} {done}"
        messages.success(self.request, done)
        return redirect("accounts:people")

    def get_context_data(self, **kwargs):
        """What names them, what they watch, and whether anybody could take over."""
        watched = Watch.objects.filter(user=self.membership.user).count()
        context = super().get_context_data(duties=self.duties, watched=watched, **kwargs)
        return context | {"has_takers": context["form"].fields["to"].queryset.exists()}


class ChangeAddress(AboutMembership, ActingView):
    """Put right the address that somebody signs in with and gets messages at."""

    permission = Permission.ADD_PEOPLE
    template_name = "accounts/desk/address.html"
    form_class = AddressForm

    def dispatch(self, request, *args, **kwargs):
        """Whose codes come to one's own mailbox one can sign in as: nobody gets a superuser's that way."""
        if self.membership.user.is_superuser and not is_superuser(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        """The address that is there."""
        return {"email": self.membership.user.email}

    def act(self, said):
        """Change it."""
        actions.change_address(self.membership.user, by=self.request.user, email=said["email"], now=timezone.now())
        messages.success(self.request, _("The address is changed. Messages go there from now on."))
        return redirect("accounts:people")


class HelpSignIn(AboutMembership, ActingView):
    """Help somebody who cannot sign in, or keep out somebody else who can."""

    permission = Permission.ADD_PEOPLE
    template_name = "accounts/desk/sign_in.html"
    form_class = SignInForm

    def dispatch(self, request, *args, **kwargs):
        """Nobody but a superuser weakens a superuser's sign-in."""
        if self.membership.user.is_superuser and not is_superuser(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def act(self, said):
        """Do what was chosen."""
        who, user = self.request.user, self.membership.user
        if said["what"] == SignInForm.INVITE:
            if user.last_login is not None:
                raise ValidationError({"what": [_("They have signed in before, so they need no invitation.")]})
            actions.invite(self.membership, by=who, on=today())
            done = _("The invitation goes out with the next messages.")
        elif said["what"] == SignInForm.SECOND_STEP:
            actions.take_second_step_away(user, by=who, at=timezone.now())
            done = _("Their second step is gone, and they are signed out. They can set up a new one.")
        else:
            actions.sign_out_everywhere(user, by=who, at=timezone.now())
            done = _("They are signed out everywhere.")
        messages.success(self.request, done)
        return redirect("accounts:people")


class Welcome(TemplateView):
    """Where an invitation leads: what one's roles are, a password of one's own, and on to the desk."""

    permission = Permission.USE_DESK
    template_name = "accounts/desk/welcome.html"

    def get_context_data(self, **kwargs):
        """Their roles."""
        return super().get_context_data(
            roles=roles_of(self.request.user), has_password=self.request.user.has_usable_password(), **kwargs
        )


class SignOutEverywhere(ActingView):
    """Sign oneself out on each phone and computer, this one too."""

    permission = Permission.USE_DESK
    template_name = "accounts/desk/sign_out_everywhere.html"
    form_class = PressForm

    def act(self, said):
        """End every session, and show where to sign in again."""
        actions.sign_out_everywhere(self.request.user, by=self.request.user, at=timezone.now())
        return redirect("account_login")


class AddPerson(ActingView):
    """Give somebody an account and a role."""

    permission = Permission.ADD_PEOPLE
    template_name = "accounts/desk/person.html"
    form_class = PersonForm

    def act(self, said):
        """Add them."""
        membership = actions.add_person(by=self.request.user, on=today(), **said)
        actions.invite(membership, by=self.request.user, on=today())
        words = _("%(person)s can sign in now. An e-mail asks them to, unless they have been here before.")
        messages.success(self.request, words % {"person": membership.user})
        return redirect(f"{reverse('accounts:people')}?{urlencode({'q': membership.user.email})}")


class MessagesTo(DetailView):
    """The messages to one person: the mail they get next, and what became of all before it."""

    permission = Permission.SEE_MESSAGES
    template_name = "accounts/desk/messages_to.html"
    queryset = Membership.objects.select_related("user", "organisation")
    context_object_name = "membership"

    def get_context_data(self, **kwargs):
        """By the address they have now: what went to an older one is not found by it."""
        day = today()
        known = hash_of(self.object.user.email)
        following = [mail for mail in forecast.next_mails(day, timezone.now()) if mail.recipient_hash == known]
        theirs = Notice.objects.filter(recipient_hash=known).select_related("mail")
        page = Paginator(theirs.order_by("-laid_down_at", "-pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            mails=forecast.with_lines(following),
            page=page,
            rows=rows_of(page, day),
            today=day,
            **kwargs,
        )


class StillRight(View):
    """Say that what families read of a record is still right: one page with one button."""

    permission = Permission.USE_DESK

    def dispatch(self, request, *args, **kwargs):
        """Only for those who may change the record."""
        self.kind, self.record = checked_record(kwargs["kind"], kwargs["pk"])
        if not request.user.has_perm(self.kind.edit, self.record):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """Since when nobody has looked at it."""
        return render(request, "accounts/desk/still_right.html", still_right_context(self.kind, self.record))

    def post(self, request, *args, **kwargs):
        """Say so."""
        say_still_right(self.record, kind=self.kind.name, by=request.user, on=today())
        shown = still_right_context(self.kind, self.record) | {"done": True}
        return render(request, "accounts/desk/still_right.html", shown)


def checked_record(name: str, pk: int) -> tuple[Kind, Any]:
    """A record that somebody has to check from time to time, and its kind. Not found when there is none."""
    kind = kinds().get(name)
    if kind is None or not kind.is_checked:
        raise Http404
    rows = kind.model._default_manager.all()
    names = {field.name for field in kind.model._meta.get_fields()}
    if "deleted_at" in names:
        rows = rows.filter(deleted_at__isnull=True)
    beside = [name for name in ("organisation", "owner", "deputy") if name in names]
    return kind, get_object_or_404(rows.select_related(*beside) if beside else rows, pk=pk)


def still_right_context(kind: Kind, record) -> dict:
    """What the page says of a record."""
    return {"kind": kind, "record": record, "url": record.get_absolute_url(), "change_url": kind.change(record)}


class Watching(ListView):
    """The records that somebody keeps an eye on, each with its newest change; and where they begin and stop."""

    permission = Permission.USE_DESK
    template_name = "accounts/desk/watching.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """The newest change first."""
        return watched_by(self.request.user)

    def get_context_data(self, **kwargs):
        """Each with its record."""
        context = super().get_context_data(**kwargs)
        return context | {"rows": with_changes(context["page_obj"], self.request.user)}

    def post(self, request, *args, **kwargs):
        """Begin to watch a record that this person may see, or stop, and go back to where they were."""
        kind, asked = kinds().get(request.POST.get("kind", "")), request.POST.get("record", "")
        if kind is None or not kind.can_be_watched() or not asked.isdecimal() or len(asked) > 18:
            raise Http404
        about = {"by": request.user, "kind": kind.name, "record_id": int(asked)}
        if request.POST.get("do") == "stop":
            actions.stop_watching(**about)
            messages.success(request, _("You do not watch it any more."))
        else:
            record = get_object_or_404(kind.visible_to(request.user), pk=asked)
            actions.watch(**about)
            messages.success(request, _("You watch this now: %(title)s") % {"title": record})
        back = request.POST.get("next", "")
        here = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/desk/")
        return redirect(back if here else "accounts:watching")


class AboutRecord:
    """A page of what staff keep beside one record, for those who may change that record."""

    permission = Permission.USE_DESK

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not change it."""
        self.kind = kinds().get(kwargs["kind"])
        if self.kind is None or not self.kind.takes_notes():
            raise Http404
        rows = self.kind.model._default_manager.kept().select_related("organisation", "owner", "deputy")
        self.record = get_object_or_404(rows.defer("search"), pk=kwargs["pk"])
        if not request.user.has_perm(self.kind.edit, self.record):
            raise PermissionDenied
        self.about = {"kind": self.kind.name, "record_id": self.record.pk}
        return super().dispatch(request, *args, **kwargs)

    def back_to_notes(self):
        """The page of all notes on the record."""
        return redirect("accounts:notes", kind=self.kind.name, pk=self.record.pk)


class Notes(AboutRecord, View):
    """The private notes on one record, newest first, and its labels."""

    def get(self, request, *args, **kwargs):
        """All of them, with the forms to add."""
        return self._show()

    def post(self, request, *args, **kwargs):
        """Add a note or a label, or take a label off."""
        do = request.POST.get("do")
        if do == "unlabel":
            actions.remove_label(by=request.user, words=request.POST.get("words", ""), **self.about)
            messages.success(request, _("The label is off."))
            return self.back_to_notes()
        is_label = do == "label"
        form = (LabelForm if is_label else NoteForm)(request.POST)
        if form.is_valid():
            try:
                add = actions.add_label if is_label else actions.write_note
                add(by=request.user, **self.about, **form.cleaned_data)
            except ValidationError as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("The label is on.") if is_label else _("The note is kept."))
                return self.back_to_notes()
        return self._show(form, status=400)

    def _show(self, form=None, *, status: int = 200):
        notes = Note.objects.filter(**self.about).select_related("author")
        page = Paginator(notes, PER_PAGE).get_page(self.request.GET.get("page"))
        shown = {
            "kind": self.kind,
            "record": self.record,
            "url": self.kind.page(self.record),
            "form": form,
            "note_form": form if isinstance(form, NoteForm) else NoteForm(),
            "label_form": form if isinstance(form, LabelForm) else LabelForm(),
            "labels": RecordLabel.objects.filter(**self.about),
            "suggested": suggestions(self.request.user),
            "page": page,
            "rows": [(note, actions.may_erase(note, self.request.user)) for note in page],
        }
        return render(self.request, "accounts/desk/notes.html", shown, status=status)


class EraseNote(AboutRecord, View):
    """Erase a note for good: one page with one button."""

    def dispatch(self, request, *args, **kwargs):
        """Pressed twice, it does the same."""
        self.note = Note.objects.filter(pk=kwargs["note"], kind=kwargs["kind"], record_id=kwargs["pk"]).first()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """What would be gone, for who may erase it."""
        if self.note is None:
            return self.back_to_notes()
        if not actions.may_erase(self.note, request.user):
            raise PermissionDenied
        shown = {"kind": self.kind, "record": self.record, "note": self.note}
        return render(request, "accounts/desk/note_erase.html", shown)

    def post(self, request, *args, **kwargs):
        """Erase it."""
        if self.note is not None:
            actions.erase_note(self.note, by=request.user)
            messages.success(request, _("The note is erased."))
        return self.back_to_notes()


class Labels(ListView):
    """The labels on the records that somebody may change."""

    permission = Permission.USE_DESK
    template_name = "accounts/desk/labels.html"
    paginate_by = 100

    def get_queryset(self):
        """By name, each with on how many records it stands."""
        return labels_of(self.request.user)


class Labelled(ListView):
    """The records with one label, as far as this person may change them."""

    permission = Permission.USE_DESK
    template_name = "accounts/desk/labelled.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """The newest label first. A label that stands on nothing of theirs is not found."""
        rows = RecordLabel.objects.filter(within_reach(self.request.user), words=self.kwargs["label"])
        if not rows.exists():
            raise Http404
        return rows.order_by("-pk")

    def get_context_data(self, **kwargs):
        """Each with its record and its page."""
        context = super().get_context_data(label=self.kwargs["label"], **kwargs)
        found = records_labelled(context["page_obj"])
        return context | {"rows": [(kind, record, kind.page(record)) for kind, record in found]}


class Keepers(ListView):
    """Who works for the Family Information Service, and who leads the council and is told when they do not come."""

    permission = Permission.SEE_KEEPERS
    template_name = "accounts/desk/keepers.html"
    context_object_name = "keepers"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """Roles that have not ended: the service's first, then the council's leads, each by name."""
        all_of_them = Membership.objects.of_fis() | Membership.objects.of_sponsors()
        active = all_of_them.active().select_related("user", "organisation")
        return active.order_by("role", "user__name", "user__email", "pk")

    def get_context_data(self, **kwargs):
        """With the council and the service by name, and whether each has somebody left."""
        active = Membership.objects.active()
        return super().get_context_data(
            fis=facts().fis_name,
            council=facts().council_name,
            has_fis=active.of_fis().exists(),
            has_sponsor=active.of_sponsors().exists(),
            **kwargs,
        )
