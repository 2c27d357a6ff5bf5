"""A story told by a real browser: a parent asks for an interpreter, and the service says that it is there."""

from datetime import timedelta

import pytest

from consultations.help.models import Asker, HelpRequest
from consultations.help.stages import HelpStage
from consultations.models import Consultation
from core.dates import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_parent_asks_for_an_interpreter_and_the_service_says_that_it_is_there(visitor, county):
    page, lead = visitor.page, county["short-breaks-lead"]
    consultation = Consultation.objects.get(title="Short breaks: what should we pay for first?")
    Consultation.objects.filter(pk=consultation.pk).update(
        closes_on=today() + timedelta(days=30),
        answer_owed_from=today() + timedelta(days=31),
        response_due_on=today() + timedelta(days=120),
    )
    before = HelpRequest.objects.in_stage(HelpStage.MET).count()

    # The parent, on a phone or at a desk, with no account.
    visitor.goes_to(consultation.get_absolute_url())
    visitor.follows("Ask for help to take part")
    assert visitor.reads("What would help you?")
    visitor.follows("An interpreter")
    visitor.presses("Ask for this help")
    assert visitor.reads("Enter an e-mail address or a phone number")
    page.get_by_label("Which language do you need?").fill("Polish")
    page.get_by_label("How can we reach you?").fill("01632 960 555")
    visitor.presses("Ask for this help")
    assert visitor.reads("We have your request")
    assert visitor.reads("They get in touch with you by")
    assert not page.context.cookies()
    request = HelpRequest.objects.latest("pk")

    # The service sees it on the desk, and one press says that the help is there.
    visitor.goes_to("/desk/help/")
    visitor.signs_in(lead.address, lead.password)
    assert visitor.reads("Families told us what they need to take part.")
    visitor.goes_to(request.get_absolute_url())
    assert visitor.reads("Polish")
    assert visitor.reads("01632 960 555")
    visitor.presses("The help is there")
    assert visitor.reads("Marked as met")
    assert HelpRequest.objects.in_stage(HelpStage.MET).count() == before + 1

    # It was a slip: undone, then it could not be met after all.
    visitor.presses("Undo")
    visitor.follows("It could not be met")
    page.get_by_label("Nobody could do it in time").check()
    visitor.presses("It could not be met")
    assert visitor.reads("Noted, with the reason.")
    visitor.presses("Delete who asked now")
    assert not Asker.objects.filter(request=request).exists()
    visitor.goes_to("/desk/help/?stage=could_not")
    assert visitor.reads(consultation.title)
