"""What a forum types of what parents say, what a parent does who was asked, and what anybody says on the page."""

import time

from crispy_forms.layout import Layout
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DayField, HubForm, OnceField, Radios
from feedback.comments import limits
from feedback.comments.forms import SAFEGUARDING, CleanTextField
from feedback.comments.models import Suspicion
from feedback.parents.models import LONGEST, Verdict

CHOSE = [
    ("", gettext_lazy("Our forum, or the parents themselves")),
    ("service", gettext_lazy("The service that made the promise")),
]
SAID = [
    ("yes", gettext_lazy("Yes")),
    ("no", gettext_lazy("No")),
    ("unsure", gettext_lazy("Not sure")),
]


class SayForm(HubForm, forms.Form):
    """What the parents say whom a forum asked."""

    enter_words = {
        "verdict": gettext_lazy("Choose what parents say"),
        "asked": gettext_lazy("Enter how many parents you asked"),
        "agreed": gettext_lazy("Enter how many of them say that it happened"),
    }

    verdict = forms.ChoiceField(label=gettext_lazy("What do parents say?"), choices=Verdict, widget=Radios())
    asked = forms.IntegerField(
        label=gettext_lazy("How many parents did you ask?"),
        help_text=gettext_lazy("A rough number is fine. Families never read a number from 1 to 4."),
        min_value=1,
        max_value=100_000,
    )
    agreed = forms.IntegerField(
        label=gettext_lazy("How many of them say that it happened?"), min_value=0, max_value=100_000
    )
    told_on = DayField(label=gettext_lazy("When did you ask them?"))
    chosen = forms.ChoiceField(
        label=gettext_lazy("Who chose the parents you asked?"), choices=CHOSE, widget=Radios(), required=False
    )
    words = CleanTextField(
        label=gettext_lazy("In their words"),
        help_text=gettext_lazy("No names, schools or ages. A person reads it before families do."),
        max_length=LONGEST,
        rows=5,
        required=False,
    )

    def lay_out(self):
        """What must not be written stands above the box for words."""
        return Layout("verdict", "asked", "agreed", "told_on", "chosen", SAFEGUARDING, "words")

    def clean(self):
        """Nobody agrees who was not asked, and a yes has somebody who says so."""
        said = super().clean()
        asked, agreed, verdict = said.get("asked"), said.get("agreed"), said.get("verdict")
        if asked is None or agreed is None:
            return said
        if agreed > asked:
            self.add_error("agreed", ValidationError(_("No more can agree than you asked")))
        elif verdict == Verdict.YES and agreed == 0:
            self.add_error(
                "verdict", ValidationError(_("Nobody you asked says that it happened. Choose another answer"))
            )
        elif verdict == Verdict.NO and agreed == asked:
            self.add_error(
                "verdict", ValidationError(_("Everybody you asked says that it happened. Choose another answer"))
            )
        return said

    def facts(self) -> dict:
        """What the action needs."""
        names = ("verdict", "asked", "agreed", "told_on", "words")
        return {name: self.cleaned_data[name] for name in names} | {
            "by_service": self.cleaned_data["chosen"] == "service"
        }


class InviteForm(HubForm, forms.Form):
    """The mailbox of one parent."""

    enter_words = {"email": gettext_lazy("Enter the parent’s e-mail address")}

    email = forms.EmailField(
        label=gettext_lazy("The parent’s e-mail address"),
        help_text=gettext_lazy(
            "They get one e-mail with a link that works once. We keep the address for a short time."
        ),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class AnswerForm(HubForm, forms.Form):
    """What one parent says who was asked."""

    enter_words = {"verdict": gettext_lazy("Choose whether it happened")}

    verdict = forms.ChoiceField(label=gettext_lazy("Did it happen?"), choices=Verdict, widget=Radios())
    words = CleanTextField(
        label=gettext_lazy("Do you want to say more?"),
        help_text=gettext_lazy("You can leave it empty. Families only read it after a person has checked it."),
        max_length=LONGEST,
        rows=5,
        required=False,
    )
    once = OnceField()

    def lay_out(self):
        """What must not be written stands above the box for words."""
        return Layout("verdict", SAFEGUARDING, "words")


class HappenedForm(HubForm, forms.Form):
    """What anybody says of a promise that is called done."""

    enter_words = {"said": gettext_lazy("Choose yes, no or not sure")}

    said = forms.ChoiceField(label=gettext_lazy("Did this happen?"), choices=SAID, widget=Radios())
    text = CleanTextField(
        label=gettext_lazy("Do you want to say more?"),
        help_text=gettext_lazy("You can leave it empty. A person reads it, and nobody publishes it as it is."),
        max_length=LONGEST,
        rows=5,
        required=False,
    )
    once = OnceField()
    website = forms.CharField(required=False)

    def __init__(self, *args, takes_words: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not takes_words:
            del self.fields["text"]

    def lay_out(self):
        """Words only while somebody reads them."""
        return Layout("said", SAFEGUARDING, "text") if "text" in self.fields else Layout("said")

    def looks_like(self) -> Suspicion | None:
        """Why it may not come from a person; None when nothing speaks against it. Once it is valid."""
        _mark, stamp, _signature = self.data["once"].rsplit(":", 2)
        typed = self.data.get("text", "")
        return limits.looks_like(
            self.cleaned_data.get("text", ""),
            hidden=limits.had_hidden(typed),
            trap=bool(self.cleaned_data["website"]),
            # Three buttons are pressed faster than anything is typed.
            seconds=time.time() - signing.b62_decode(stamp) if typed else limits.QUICKEST,
        )


class ReadWordsForm(HubForm, forms.Form):
    """The words of a check as families may read them."""

    enter_words = {"words": gettext_lazy("Write what families may read")}

    words = CleanTextField(
        label=gettext_lazy("What families may read"),
        help_text=gettext_lazy(
            "Take out names, schools, ages, dates and whatever else says whose child it is. Keep what they mean."
        ),
        max_length=LONGEST,
        rows=6,
    )


class LeaveWordsForm(HubForm, forms.Form):
    """Why families do not read the words of a check."""

    enter_words = {"why": gettext_lazy("Say why it is not shown")}

    why = forms.CharField(
        label=gettext_lazy("Why it is not shown"),
        help_text=gettext_lazy("The forum reads this. Such as “It shows whose child it is”."),
        max_length=200,
    )
