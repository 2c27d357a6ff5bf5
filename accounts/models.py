"""Organisations, the promise they make, and the people who act for them."""

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.constraints import in_order, needs, not_blank
from core.history import tracked
from core.vocabulary import keeps_words


class OrganisationKind(models.TextChoices):
    """What sort of body it is."""

    COUNCIL = "council", _("Council")
    COUNCIL_SERVICE = "council_service", _("Council service")
    SCHOOL = "school", _("School or college")
    EARLY_YEARS = "early_years", _("Nursery or childminder")
    HEALTH = "health", _("Health service")
    CHARITY = "charity", _("Charity or community group")
    PARENT_FORUM = "parent_forum", _("Parent carer forum or panel")
    USER_LED = "user_led", _("Led by the people who use it")
    PARTNERSHIP = "partnership", _("Partnership")


# Volunteer bodies are invited to answer and never escalated (DESIGN rule 2).
VOLUNTEER_KINDS = (OrganisationKind.CHARITY, OrganisationKind.PARENT_FORUM, OrganisationKind.USER_LED)


# The words an organisation is found by. An index holds them and no column, so that nobody who reads a name carries
# them along. The name stands a second time as it is typed, for scripts and names that an English stem would spoil.
NAME_WORDS = (
    SearchVector("name", config="english", weight="A")
    + SearchVector("about", config="english", weight="B")
    + SearchVector("name", config="simple", weight="D")
)


class OrganisationQuerySet(models.QuerySet):
    """Reads of the tree of organisations."""

    def within(self, organisation):
        """The organisation and everything below it in the tree."""
        return self.filter(path__startswith=organisation.path)

    def promising(self):
        """The organisations that have themselves joined the promise and not left it."""
        return self.filter(promise_accepted_on__isnull=False, promise_left_on__isnull=True)


@tracked(name="OrganisationHistory", exclude=("mailbox", "phone"))
class Organisation(models.Model):
    """Any body that lists, adopts or answers: a council, a department, a service, a school, a charity, a forum.

    Organisations form a tree. `path` holds the ids from the top down to this
    one ("3.17.42."), so that everything below an organisation is one prefix;
    the database keeps it, so a bulk import or a move cannot leave it wrong.
    The promise to answer reaches everything below the body that accepted it.
    """

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, editable=False, db_index=True, default="")
    about = models.TextField(_("about"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mailbox = models.EmailField(_("team mailbox"), blank=True)
    website = models.URLField(_("website"), blank=True)
    promise_accepted_on = models.DateField(_("promised to answer on"), null=True, blank=True)
    promise_accepted_by = models.CharField(_("promised by"), max_length=200, blank=True)
    promise_left_on = models.DateField(_("left the promise on"), null=True, blank=True)
    is_keeper = models.BooleanField(
        _("looks after the hub"), default=False, help_text=_("The hub's own council, its sponsor.")
    )
    external_ids = models.JSONField(default=dict, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    checked_on = models.DateField(_("contact last checked"), null=True, blank=True)
    review_by = models.DateField(_("check the contact again by"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [GinIndex(NAME_WORDS, name="organisation_words")]
        triggers = [
            keeps_words("name", "about"),
            pgtrigger.Trigger(
                name="set_path",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                func="""
                    NEW.path := COALESCE(
                        (SELECT path FROM accounts_organisation WHERE id = NEW.parent_id), ''
                    ) || NEW.id || '.';
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="move_children",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("path", "parent_id"),
                func="""
                    UPDATE accounts_organisation SET path = NEW.path || id || '.' WHERE parent_id = NEW.id;
                    RETURN NULL;
                """,
            ),
        ]
        constraints = [
            needs(
                Q(promise_accepted_on__isnull=False),
                Q(promise_accepted_by__regex=r"\S"),
                name="organisation_promise_has_a_name",
                message=_("Enter who accepted the promise"),
            ),
            in_order(
                "promise_accepted_on",
                "promise_left_on",
                name="organisation_joins_before_it_leaves",
                message=_("An organisation cannot leave the promise before it joined"),
            ),
            models.UniqueConstraint("is_keeper", condition=Q(is_keeper=True), name="organisation_one_keeper"),
            models.UniqueConstraint("name", "parent", name="organisation_name_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("accounts:organisation", args=[self.slug])

    def clean(self) -> None:
        """A body stands in one place of the tree, and never below itself."""
        if self.parent_id and self.pk in self.parent.ancestor_ids:
            raise ValidationError({"parent": _("A body cannot be part of itself.")})

    @property
    def ancestor_ids(self) -> list[int]:
        """The ids from the top of the tree down to this organisation itself."""
        return [int(part) for part in self.path.split(".") if part]

    @property
    def version(self) -> int:
        """Another number after every saving, the moment of it: what a form was filled in on."""
        return int(self.changed_at.timestamp() * 1_000_000)

    def promise_holder(self):
        """The nearest body, this one or one above it, that has promised to answer; None when none has."""
        holders = {each.pk: each for each in Organisation.objects.promising().filter(pk__in=self.ancestor_ids)}
        return next((holders[pk] for pk in reversed(self.ancestor_ids) if pk in holders), None)


class UserManager(BaseUserManager):
    """Makes accounts. People sign in with their e-mail address."""

    def create_user(self, email, password=None, **fields):
        """Make an account; without a password its owner signs in by e-mailed code."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """Make an account that may use Django's admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do comes from their memberships."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text=_("May use Django's admin."))
    date_joined = models.DateTimeField(auto_now_add=True)
    signed_out_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When they were last signed out everywhere.")
    )

    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When name and address were erased.")
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            needs(
                Q(erased_at__isnull=False),
                Q(is_active=False),
                name="user_erased_is_closed",
                message=_("An account that was erased is closed"),
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return str(_("Somebody who has left"))
        return self.name or self.email

    def _get_session_auth_hash(self, secret=None):
        """What each session of theirs must hold: another password ends them all, and so does signing out everywhere."""
        usual = super()._get_session_auth_hash(secret=secret)
        return f"{usual}{self.signed_out_at.timestamp()}" if self.signed_out_at else usual


class Role(models.TextChoices):
    """What a membership allows."""

    CONTRIBUTOR = "contributor", _("Contributor")
    LEAD = "lead", _("Lead")
    FIS_EDITOR = "fis_editor", _("Family Information Service editor")
    FIS_MANAGER = "fis_manager", _("Family Information Service manager")
    PARENT_REVIEWER = "parent_reviewer", _("Parent reviewer")
    BOARD_VIEWER = "board_viewer", _("Board viewer")


FIS_ROLES = (Role.FIS_EDITOR, Role.FIS_MANAGER)
# Who may write for a body: listings, answers, promises.
WRITING_ROLES = (Role.CONTRIBUTOR, Role.LEAD, *FIS_ROLES)


class MembershipQuerySet(models.QuerySet):
    """Reads of who acts for whom."""

    def active(self):
        """Memberships that have not ended, of people who can still sign in."""
        return self.filter(ended_on__isnull=True, user__is_active=True)

    def could_answer_for(self, organisation):
        """The active memberships that may write for an organisation: in it, in a body above it, or in one below it."""
        near = Q(organisation_id__in=organisation.ancestor_ids)
        if organisation.path:
            near |= Q(organisation__path__startswith=organisation.path)
        able = self.active().filter(near, role__in=WRITING_ROLES)
        return able.select_related("user", "organisation").order_by("organisation__path", "user__name", "pk")

    def of_fis(self):
        """Memberships of those who look after the hub, or once did."""
        return self.filter(role__in=FIS_ROLES)

    def of_sponsors(self):
        """Memberships of those who lead the council that keeps the hub, or once did."""
        return self.filter(role=Role.LEAD, organisation__is_keeper=True)

    def leads_of(self, organisation):
        """The active leads of an organisation or of the nearest body above it that has one."""
        leads = self.active().filter(role=Role.LEAD, organisation_id__in=organisation.ancestor_ids)
        nearest = leads.select_related("organisation").order_by(Length("organisation__path").desc(), "pk")
        first = nearest.first()
        return nearest.filter(organisation=first.organisation) if first else self.none()


@tracked(name="MembershipHistory")
class Membership(models.Model):
    """A person's role in an organisation. Ownership of a duty is held by a membership, never by a person."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    job_title = models.CharField(
        _("job title"), max_length=120, blank=True, help_text=_("Shown to families in place of a name.")
    )
    name_may_be_shown = models.BooleanField(_("agreed that families see their name"), default=False)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    invited_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When they were asked to sign in for the first time."),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "user", "organisation", "role", condition=Q(ended_on__isnull=True), name="membership_once"
            ),
            in_order("started_on", "ended_on", name="membership_in_order", message=_("It must start before it ends")),
        ]

    def __str__(self) -> str:
        return f"{self.public_name}, {self.organisation}"

    @property
    def has_left(self) -> bool:
        """Whether the role has ended, or the person's account was closed."""
        return self.ended_on is not None or not self.user.is_active

    @property
    def public_name(self) -> str:
        """What families see: the job title, and the name only if the person agreed."""
        title = self.job_title or self.get_role_display()
        return f"{self.user.name}, {title}" if self.name_may_be_shown and self.user.name else str(title)

    @property
    def staff_name(self) -> str:
        """What staff see: who, as what, and for whom."""
        return f"{self.user}, {self.job_title or self.get_role_display()} ({self.organisation.name})"


# --- What staff keep beside a record of any kind. None of it is in a history, an export or a search.


class AboutRecord(models.Model):
    """Something that staff keep beside a record, named by its kind (core/records.py) and its number.

    Not by a foreign key: the records stand on floors above.
    """

    kind = models.CharField(max_length=20, editable=False)
    record_id = models.BigIntegerField(editable=False)

    class Meta:
        abstract = True


def forgets_what_is_beside(kind: str) -> pgtrigger.Trigger:
    """When a record of a kind goes for good, what staff kept beside it goes with it."""
    return pgtrigger.Trigger(
        name="forget_beside",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        func=f"""
            DELETE FROM accounts_note WHERE kind = '{kind}' AND record_id = OLD.id;
            DELETE FROM accounts_recordlabel WHERE kind = '{kind}' AND record_id = OLD.id;
            DELETE FROM accounts_watch WHERE kind = '{kind}' AND record_id = OLD.id;
            RETURN NULL;
        """,
    )


class Watch(AboutRecord):
    """Somebody on the staff keeps an eye on a record. They see its changes on the desk; no mail comes of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint("user", "kind", "record_id", name="watch_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class Note(AboutRecord):
    """What one of the staff wants the others to know about a record. Families never see it, and it can be erased."""

    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    text = models.TextField(_("note"))
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index("kind", "record_id", name="note_of_record")]
        constraints = [needs(Q(), not_blank("text"), name="note_says_something", message=_("Write the note"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class RecordLabel(AboutRecord):
    """A word of the staff's own on a record, in small letters, by which records are found again."""

    words = models.CharField(_("label"), max_length=40)

    class Meta:
        ordering = ["words"]
        constraints = [
            models.UniqueConstraint("words", "kind", "record_id", name="recordlabel_once"),
            needs(
                Q(),
                not_blank("words") & Q(words=Lower("words")) & ~Q(words__regex=r"[/\\.?#%<>]"),
                name="recordlabel_is_plain",
                message=_("Use letters, numbers, spaces and hyphens"),
            ),
        ]
        indexes = [models.Index("kind", "record_id", name="recordlabel_of_record")]

    def __str__(self) -> str:
        return self.words
