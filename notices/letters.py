"""What a mail says: everything its reader owes that is still true, worst first, each thing once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import get_template
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.facts import comes_from, facts
from notices import ledger
from notices.links import LEAVE, MANAGE, link_from, link_to
from notices.models import Mail, Notice, Recipient, Step
from notices.reasons import Line, lines_about, registered

# What people owe themselves is said in full. Of what others owe, so many things, the worst; the desk has the rest.
MOST_OF_OTHERS = 20
MINE = (Recipient.OWNER, Recipient.TEAM, Recipient.DEPUTY)

WHY = {
    Recipient.OWNER: lambda: _("You get this because you are named as its owner."),
    Recipient.TEAM: lambda: _("You get this because nobody is named as its owner now, and this is the team's mailbox."),
    Recipient.DEPUTY: lambda: _("You get this because you are named as its deputy."),
    Recipient.LEAD: lambda: _("You get this because you lead the service, or the body above it."),
    Recipient.FIS: lambda: _("You get this because you look after the hub."),
    Recipient.SPONSOR: lambda: _("You get this because you lead the council that keeps the hub."),
    Recipient.FOLLOWER: lambda: _("You get this because you asked for news of it."),
}


@dataclass
class Said:
    """One notice as a letter says it: what is owed, and what we ask for."""

    notice: Notice
    line: Line
    asks: str  # the step's own text


@dataclass
class Point:
    """One thing in a letter. Several notices may be about it: the answer is late, and so is the date of its note."""

    said: list[Said]
    day: date
    mail: Mail

    @cached_property
    def worst(self) -> Said:
        """What is worst about it; its form is the one link."""
        return min(self.said, key=lambda each: each.line.rank(self.day))

    @property
    def title(self) -> str:
        """What the thing is called."""
        return self.worst.line.title

    @property
    def whats(self) -> list[str]:
        """What is owed: "Answer is 12 days late (was due 1 July)", worst first."""
        return [each.line.what for each in sorted(self.said, key=lambda each: each.line.rank(self.day))]

    @property
    def asks(self) -> list[str]:
        """What we ask for, each thing once."""
        return list(dict.fromkeys(each.asks for each in self.said if each.asks))

    @property
    def families(self) -> str:
        """How many families wait, in words."""
        return self.worst.line.families

    @property
    def service(self) -> str:
        """Who owes it."""
        return self.worst.line.service

    @property
    def late(self) -> bool:
        """Whether any of it is past its date."""
        return any(each.line.days_late(self.day) for each in self.said)

    @property
    def role(self) -> Recipient:
        """As what its reader is told."""
        return Recipient(self.worst.notice.role)

    @property
    def is_mine(self) -> bool:
        """Whether the reader is the one who owes it."""
        return self.role in MINE

    @property
    def is_news(self) -> bool:
        """Whether it is news that a family asked for."""
        return self.role == Recipient.FOLLOWER

    @property
    def why(self) -> str:
        """Why it is this person who is told."""
        return str(registered()[self.worst.notice.reason].why) or WHY[self.role]()

    @property
    def button(self) -> str:
        """What the link does."""
        if self.role == Recipient.SPONSOR:
            return self.worst.line.sponsor_button or _("See its page")
        return self._form[0]

    @property
    def url(self) -> str:
        """The one link: the form; for the sponsor, who has none to fill in, the page that shows it."""
        line = self.worst.line
        if self.role == Recipient.SPONSOR and line.sponsor_button:
            return link_from(self.mail.pk, line.url)
        if self.role == Recipient.SPONSOR:
            return settings.HUB_BASE_URL + line.url
        if asked_for := registered()[self.worst.notice.reason].asked_for_page:
            return link_to(asked_for, self.mail.pk)
        if self.is_news:
            return settings.HUB_BASE_URL + line.button_url
        return link_from(self.mail.pk, self._form[1])

    @property
    def _form(self) -> tuple[str, str]:
        return self.worst.line.form(self.worst.notice.step)

    @property
    def is_owed(self) -> bool:
        """Whether it is something that is owed; a thank you is not."""
        return any(registered()[each.notice.reason].owes for each in self.said)

    @property
    def heading(self) -> str:
        """What it is about, when that is the hub itself or news; empty for what families are owed."""
        return str(registered()[self.worst.notice.reason].heading)


class PutTogether(EmailMultiAlternatives):
    """A message that can be put together before it is sent, while there is time."""

    over_the_line: bytes | None = None

    def put_together(self) -> None:
        """Make what goes over the line; nothing may be changed after that."""
        self.over_the_line = self.message().as_bytes(linesep="\r\n")


@dataclass
class Letter:
    """A claimed mail with what it says."""

    mail: Mail
    day: date
    said: list[Said] = field(default_factory=list)

    @cached_property
    def points(self) -> list[Point]:
        """Its things, worst first."""
        about: dict[str, list[Said]] = {}
        for each in self.said:
            about.setdefault(each.line.url, []).append(each)
        points = [Point(said, self.day, self.mail) for said in about.values()]
        return sorted(points, key=lambda point: point.worst.line.rank(self.day))

    @property
    def mine(self) -> list[Point]:
        """What the reader owes, or may be asked to write for."""
        return [point for point in self.owed if point.is_mine]

    @property
    def others(self) -> list[Point]:
        """What others owe, that the reader looks after."""
        return [point for point in self.owed if not point.is_mine]

    @property
    def owed(self) -> list[Point]:
        """What families are owed."""
        return [point for point in self.points if point.is_owed and not point.heading]

    @property
    def apart(self) -> list[Point]:
        """What is wrong with the hub itself, and news for families; the same kind together."""
        return sorted((point for point in self.points if point.heading), key=lambda point: point.heading)

    @property
    def thanks(self) -> list[Point]:
        """What was done, and is thanked for."""
        return [point for point in self.points if not point.is_owed and not point.heading]

    @property
    def subject(self) -> str:
        """What is owed, and nothing about the reader or any family."""
        owed = self.owed or self.apart
        if len(owed or self.points) == 1:
            point = (owed or self.points)[0]
            title = " ".join(point.title.split())
            return Truncator(f"{' '.join(point.whats[0].split())}: {title}").chars(120)
        if not owed:
            return _("Thank you: families have their answers")
        if not self.owed:
            return _("%(what)s: %(count)d things") % {"what": owed[0].heading, "count": len(owed)}
        late = sum(point.late for point in owed)
        if not late:
            return _("%(count)d things are owed to families") % {"count": len(owed)}
        if late == len(owed):
            return _("%(count)d things are owed to families, all late") % {"count": len(owed)}
        return ngettext(
            "%(count)d things are owed to families, %(late)d is late",
            "%(count)d things are owed to families, %(late)d are late",
            late,
        ) % {"count": len(owed), "late": late}

    @property
    def heading(self) -> str:
        """What the whole letter is about."""
        if self.mine:
            return _("What you owe families")
        if self.others:
            return _("What services owe families")
        return self.apart[0].heading if self.apart else _("Thank you")

    @property
    def ends(self) -> list[str]:
        """When the reminders in it end."""
        reasons = [registered()[each.notice.reason] for point in self.points for each in point.said]
        return list(dict.fromkeys(str(reason.ends) for reason in reasons if reason.owes))

    @cached_property
    def leave_url(self) -> str:
        """Where its reader stops such news with one press; empty when there is none in it."""
        return link_to(LEAVE, self.mail.pk) if self._brings_what_is_followed else ""

    @cached_property
    def manage_url(self) -> str:
        """Where its reader sees all that they follow; empty when there is no news in it."""
        return link_to(MANAGE, self.mail.pk) if self._brings_what_is_followed else ""

    @property
    def _brings_what_is_followed(self) -> bool:
        return any(registered()[each.notice.reason].follows for point in self.points for each in point.said)

    @property
    def asks_to_sign_in(self) -> bool:
        """Whether any of its links leads to staff pages."""
        return not all(point.is_news for point in self.points)

    @cached_property
    def text(self) -> str:
        """It as plain text."""
        return get_template("notices/mail.txt").render(self._context)

    @cached_property
    def html(self) -> str:
        """It as a page."""
        return get_template("notices/mail.html").render(self._context)

    @cached_property
    def _context(self) -> dict:
        others = self.others
        return {
            "letter": self,
            "others": others[:MOST_OF_OTHERS],
            "more_others": len(others[MOST_OF_OTHERS:]),
            "why_others": list(dict.fromkeys(point.why for point in others)),
            "desk_url": link_from(self.mail.pk, "/desk/"),
            "hub": facts().name,
            "hub_url": settings.HUB_BASE_URL,
            **self._help,
            "colour": settings.HUB_BRAND_COLOUR,
            "subject": self.subject,
        }

    @property
    def _help(self) -> dict:
        """Whom its reader asks. Where nobody looks after the hub, the council that keeps it."""
        if any(registered()[each.notice.reason].watches_keepers for point in self.points for each in point.said):
            who = (facts().council_name, facts().council_phone, facts().council_email)
        else:
            who = (facts().fis_name, facts().fis_phone, facts().fis_email)
        return dict(zip(("help_name", "help_phone", "help_email"), who, strict=True))

    @cached_property
    def message(self) -> EmailMultiAlternatives:
        """The letter as a message, text and HTML, put together as it goes over the line."""
        host = urlsplit(settings.HUB_BASE_URL).hostname
        name = facts().name.replace("<", "").replace(">", "")
        leave = {
            "List-Id": f"{name} <news.{host}>",
            "List-Unsubscribe": f"<{self.leave_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        }
        message = PutTogether(
            subject=self.subject,
            body=self.text,
            from_email=comes_from(),
            to=[self.mail.address],
            reply_to=[facts().fis_email],
            headers={
                "Message-ID": f"<{self.mail.pk}@{host}>",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
                **(leave if self.leave_url else {"List-Id": f"{name} <owed.{host}>"}),
            },
        )
        message.attach_alternative(self.html, "text/html")
        message.put_together()
        return message


def write(mails: Sequence[Mail], day: date) -> tuple[list[Letter], dict[int, str]]:
    """The letters of claimed mails, and which of their notices are not true any more, by id, and why.

    As many queries for one mail as for hundreds.
    """
    letters = {mail.pk: Letter(mail, day) for mail in mails}
    notices = list(Notice.objects.waiting().filter(mail__in=list(letters)).order_by("pk"))
    why = ledger.untrue(notices, day)
    true = [notice for notice in notices if notice.pk not in why]
    lines = lines_about(true, day)
    why |= {n.pk: _("What it was about is gone.") for n in true if (n.reason, n.about_id) not in lines}
    texts = texts_of_steps(day)
    for notice in true:
        if notice.pk not in why:
            asks = texts.get((notice.reason, notice.step), "")
            letters[notice.mail_id].said.append(Said(notice, lines[notice.reason, notice.about_id], asks))
    return list(letters.values()), why


def texts_of_steps(day: date) -> dict[tuple[str, str], str]:
    """What each step asks for on a day, the newest wording of each that counts by then."""
    begun = Step.objects.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day))
    return {(step.reason, step.key): step.text for step in begun.order_by("pk")}
