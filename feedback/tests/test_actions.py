"""What may be published as an answer, and what becomes of the clock (DESIGN rules 3, 5, 6, 7)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from consultations.models import Consultation, Outcome
from consultations.stages import TIMELINE, Stage
from consultations.tests.factories import ConsultationFactory, days, worked_out
from core.dates import today
from core.publishing import Conflict
from feedback import actions
from feedback.models import AnswerState, Draft, FeedbackEntry, HeardFrom, HoldingNote, Kind, Response
from feedback.tests.answers import facts, promise, theme, undecided
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    return ConsultationFactory(late=True)


def publish(consultation, *themes, by=None, **changed):
    kind = changed.pop("kind", Kind.FULL)
    correcting = changed.pop("correcting", False)
    return actions.publish_response(
        consultation,
        by=by or consultation.owner.user,
        on=today(),
        facts=facts(**changed),
        themes=list(themes),
        kind=kind,
        correcting=correcting,
    )


def stage(consultation):
    return TIMELINE.of(Consultation.objects.get(pk=consultation.pk), today())


def refusal(consultation, *themes, **changed) -> dict:
    with pytest.raises(ValidationError) as refused:
        publish(consultation, *themes, **changed)
    assert stage(consultation) == Stage.LATE
    assert not FeedbackEntry.objects.exists()
    assert not Response.objects.published().exists()
    return refused.value.message_dict


# Publishing


def test_a_published_answer_stops_the_clock_and_shows_its_points(consultation):
    response = publish(consultation, theme(), promise())

    assert stage(consultation) == Stage.RESPONDED
    assert consultation.responded_on == today()
    assert [entry.theme for entry in response.themes.published()] == ["Waiting times", "One phone number"]


def test_a_promise_is_chased_through_the_owner_of_the_answer(consultation):
    publish(consultation, theme(), promise())

    assert FeedbackEntry.objects.get(answer=AnswerState.WILL_DO).owner == consultation.owner
    assert FeedbackEntry.objects.get(answer=AnswerState.DONE).owner is None


def test_the_draft_goes_when_the_answer_is_out(consultation):
    actions.save_draft(consultation, by=consultation.owner.user, typed={"facts": {}}, version=0)

    publish(consultation, theme())

    assert not Draft.objects.exists()


def test_the_same_answer_twice_is_one_answer(consultation):
    first = publish(consultation, theme(), promise())
    again = publish(consultation, theme(), promise())

    assert again == first
    assert FeedbackEntry.objects.count() == 2


def test_a_different_answer_does_not_replace_one_that_is_out(consultation):
    publish(consultation, theme())

    with pytest.raises(actions.AlreadyAnswered):
        publish(consultation, theme(), in_short="Something else.")
    assert Response.objects.get().in_short == facts()["in_short"]


def test_putting_an_answer_right_keeps_its_day_and_the_pages_of_its_points(consultation):
    publish(consultation, theme())
    Consultation.objects.update(responded_on=days(-40))
    entry = FeedbackEntry.objects.get()

    publish(consultation, promise(), theme(theme="Waiting", id=str(entry.pk)), correcting=True)

    entry.refresh_from_db()
    assert (entry.theme, entry.position) == ("Waiting", 1)
    assert Consultation.objects.get().responded_on == days(-40)


def test_a_point_of_another_answer_cannot_be_taken_over(consultation):
    foreign = FeedbackEntryFactory()

    publish(consultation, theme(id=str(foreign.pk)))

    foreign.refresh_from_db()
    assert foreign.response is None
    assert FeedbackEntry.objects.count() == 2


def test_a_draft_that_changed_after_the_preview_is_not_published(consultation):
    by = consultation.owner.user
    actions.save_draft(consultation, by=by, typed={"facts": {}}, version=0)
    actions.save_draft(consultation, by=by, typed={"facts": {"who": "x"}}, version=1)

    with pytest.raises(Conflict):
        actions.publish_response(consultation, by=by, on=today(), facts=facts(), themes=[theme()], draft_version=1)
    assert stage(consultation) == Stage.LATE


@pytest.mark.parametrize("trait", ["open", "forthcoming"])
def test_an_answer_is_not_out_while_families_can_still_take_part(trait):
    consultation = ConsultationFactory(**{trait: True})

    with pytest.raises(ValidationError, match="Families can take part until"):
        publish(consultation, theme())


def test_a_stopped_consultation_owes_no_answer():
    with pytest.raises(ValidationError, match="It was stopped"):
        publish(ConsultationFactory(withdrawn=True), theme())


def test_the_answer_to_a_past_record_leaves_what_was_found_elsewhere_as_it_is():
    past = ConsultationFactory(past=True)

    publish(past, theme(), by=UserFactory())

    assert (stage(past), Consultation.objects.get(pk=past.pk).outcome) == (Stage.RESPONDED, Outcome.NOT_LOOKED)


def test_what_families_cannot_see_is_not_answered_nor_held_back():
    hidden = ConsultationFactory(late=True, draft=True)

    with pytest.raises(ValidationError, match="Families cannot see this consultation yet"):
        publish(hidden, theme())
    with pytest.raises(ValidationError, match="only for a consultation that waits"):
        note(hidden)
    assert not FeedbackEntry.objects.exists()


@pytest.mark.parametrize("typed", ["9" * 5000, "²", "-1", "1.5"])
def test_a_point_with_an_id_that_is_none_is_a_new_one(consultation, typed):
    publish(consultation, theme(id=typed))

    assert FeedbackEntry.objects.get().theme == "Waiting times"


def test_a_short_answer_needs_one_point_its_short_version_and_who_decided(consultation):
    short = {name: "" for name in facts() if name not in ("in_short", "decided_by", "decided_on", "by_method")}
    short |= {"total": None, "total_is_few": False, "was_stopped": False}

    publish(consultation, theme(), kind=Kind.SHORT, **short)

    assert stage(consultation) == Stage.RESPONDED


# What rule 5 refuses


@pytest.mark.parametrize(
    ("point", "field", "words"),
    [
        (theme(answer=AnswerState.NONE), "answer", "Choose an answer: “Waiting times”"),
        (promise(owner_role=""), None, None),
        (promise(due_on=None), "due_on", "Say by when: “One phone number”"),
        (promise(due_on=lambda: days(-1)), "due_on", "still to come"),
        (theme(answer=AnswerState.DOING, we_did="Begun.", owner_role="Lead"), "due_on", "Say by when: “Waiting times”"),
        (theme(answer=AnswerState.CANNOT, we_did=" "), "we_did", "Give the reason: “Waiting times”"),
        (undecided(we_did=""), "we_did", "Give the reason: “Therapy in school”"),
        (undecided(next_update_on=None), "next_update_on", "Say when you will tell families more"),
        (undecided(next_update_on=lambda: days(-1)), "next_update_on", "still to come"),
        (theme(done_on=None), "done_on", "Say when it was done: “Waiting times”"),
        (theme(done_on=lambda: days(1)), "done_on", "cannot be done on a day still to come"),
        (theme(what_changed=""), "what_changed", "Say what is different now: “Waiting times”"),
        (theme(answer=AnswerState.PARTLY, what_changed=""), "what_changed", "Say what is different now"),
        (theme(answer=AnswerState.PARTLY, we_did=""), "we_did", "Give the reason"),
        (theme(answer=AnswerState.PASSED_ON), "body", "Say who it was passed to"),
        (theme(answer=AnswerState.PASSED_ON, body="The NHS board"), "body_contact", "Say how to reach them"),
        (theme(answer=AnswerState.PASSED_ON, body="The NHS board"), "passed_on", "Say when it was passed on"),
        (theme(you_said=" "), "you_said", "Say what people said"),
        (theme(theme=""), "theme", "Name point 1 in a few words"),
        (theme(how_many="3"), "how_many", "could point at a family"),
    ],
)  # fmt: skip
def test_an_incomplete_point_is_refused_by_name(consultation, point, field, words):
    if field is None:
        Consultation.objects.update(owner=None, level="information")
        field, words = "owner_role", "Say who is responsible: “One phone number”"
        consultation.owner = MembershipFactory()

    refused = refusal(consultation, worked_out(point), theme(theme="Another"))

    assert words in refused[f"themes-0-{field}"][0]


def test_only_undecided_points_are_not_an_answer(consultation):
    refused = refusal(consultation, undecided(), undecided(theme="Another"))

    assert "Publish what you have heard so far instead" in refused["themes"][0]


def test_a_mixed_answer_goes_out(consultation):
    publish(consultation, undecided(), theme())

    assert stage(consultation) == Stage.RESPONDED


def test_an_answer_without_points_is_refused(consultation):
    assert "themes" in refusal(consultation)


@pytest.mark.parametrize(
    "field",
    ["in_short", "we_asked", "who", "missing", "decided_by", "link_to_views", "what_next", "contact_name",
     "contact_phone", "contact_email", "formats"],
)  # fmt: skip
def test_every_section_is_needed(consultation, field):
    assert field in refusal(consultation, theme(), **{field: " "})


def test_how_many_took_part_is_needed_and_may_be_few(consultation):
    assert "total" in refusal(consultation, theme(), total=None)

    publish(consultation, theme(), total=None, total_is_few=True)


def test_a_long_short_version_is_refused(consultation):
    assert "60 words" in refusal(consultation, theme(), in_short="word " * 61)["in_short"][0]


def test_every_fault_is_said_at_once(consultation):
    refused = refusal(consultation, promise(due_on=None), theme(answer=AnswerState.NONE), who="")

    assert {"who", "themes-0-due_on", "themes-1-answer"} <= set(refused)


def test_what_was_typed_for_another_answer_is_dropped(consultation):
    publish(consultation, theme(due_on=days(9), owner_role="Lead", body="The NHS"))

    entry = FeedbackEntry.objects.get()
    assert (entry.due_on, entry.owner_role, entry.body) == (None, "", "")


# The draft


def test_a_draft_never_stops_the_clock(consultation):
    actions.save_draft(consultation, by=consultation.owner.user, typed={"facts": facts(decided_on=None)}, version=0)

    assert stage(consultation) == Stage.LATE


def test_two_people_at_once_do_not_overwrite_each_other(consultation):
    first, second = consultation.owner.user, UserFactory()
    actions.save_draft(consultation, by=first, typed={"facts": {"who": "first"}}, version=0)

    with pytest.raises(Conflict):
        actions.save_draft(consultation, by=second, typed={"facts": {"who": "second"}}, version=0)
    assert Draft.objects.get().typed == {"facts": {"who": "first"}}


def test_saving_the_same_again_is_no_clash(consultation):
    by = consultation.owner.user
    actions.save_draft(consultation, by=by, typed={"facts": {}}, version=0)

    assert actions.save_draft(consultation, by=by, typed={"facts": {}}, version=0).version == 1


def test_a_draft_after_the_answer_is_out_is_refused(consultation):
    publish(consultation, theme())

    with pytest.raises(actions.AlreadyAnswered):
        actions.save_draft(consultation, by=consultation.owner.user, typed={"facts": {}}, version=0)


# Undo


def test_taking_an_answer_back_lets_the_clock_run_on_and_keeps_the_words(consultation):
    response = publish(consultation, theme(), promise())

    actions.take_back(response, by=consultation.owner.user)

    assert stage(consultation) == Stage.LATE
    assert not FeedbackEntry.objects.published().exists()
    draft = Draft.objects.get()
    assert [each["theme"] for each in draft.typed["themes"]] == ["Waiting times", "One phone number"]
    assert draft.typed["correcting"] is False


@pytest.mark.parametrize(("found", "then"), [(Outcome.FOUND, Stage.RESPONDED), (Outcome.NOT_FOUND, Stage.CLOSED)])
def test_taking_back_the_answer_to_a_past_record_leaves_what_its_source_says(found, then):
    answered = days(-700) if found == Outcome.FOUND else None
    past = ConsultationFactory(past=True, outcome=found, responded_on=answered, responded_exactly=False)
    response = publish(past, theme(), by=UserFactory())

    actions.take_back(response, by=UserFactory())

    kept = Consultation.objects.get(pk=past.pk)
    assert (stage(past), kept.responded_on, kept.outcome) == (then, answered, found)


def test_taking_back_twice_is_harmless(consultation):
    response = publish(consultation, theme())
    by = consultation.owner.user
    actions.take_back(response, by=by)
    actions.take_back(response, by=by)

    assert stage(consultation) == Stage.LATE


def test_publishing_again_after_taking_back_keeps_the_pages_of_the_points(consultation):
    response = publish(consultation, theme())
    entry = FeedbackEntry.objects.get()
    actions.take_back(response, by=consultation.owner.user)

    publish(consultation, theme(id=str(entry.pk)))

    assert FeedbackEntry.objects.published().get() == entry


# Already answered elsewhere


def elsewhere(consultation, **changed):
    said = {
        "url": "https://example.org/answer",
        "answered_on": days(-60),
        "in_short": "You asked for one number. It opens in May.",
    } | changed
    return actions.answer_elsewhere(consultation, by=consultation.owner.user, on=today(), **said)


def test_an_answer_elsewhere_counts_from_the_day_it_was_published(consultation):
    elsewhere(consultation)

    assert consultation.responded_on == days(-60)
    assert stage(consultation) == Stage.RESPONDED


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": ""}, "url"),
        ({"answered_on": None}, "answered_on"),
        ({"answered_on": lambda: days(1)}, "answered_on"),
        ({"answered_on": lambda: days(-201)}, "answered_on"),
        ({"in_short": "One sentence only."}, "in_short"),
        ({"in_short": "Words. " * 61}, "in_short"),
    ],
)
def test_an_answer_elsewhere_needs_link_day_and_two_sentences(consultation, changed, field):
    with pytest.raises(ValidationError) as refused:
        elsewhere(consultation, **worked_out(changed))

    assert list(refused.value.message_dict) == [field]
    assert stage(consultation) == Stage.LATE


def test_the_same_link_twice_is_harmless(consultation):
    assert elsewhere(consultation) == elsewhere(consultation)


# Holding notes


def note(consultation, by=None, **changed):
    said = {"reason": "The meeting moved.", "new_date": days(14), "contact": "Short breaks lead"} | changed
    return actions.publish_holding_note(consultation, by=by or consultation.owner.user, on=today(), **said)


def test_a_holding_note_never_stops_the_clock(consultation):
    note(consultation)

    assert stage(consultation) == Stage.LATE


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"new_date": None}, "new_date"),
        ({"new_date": lambda: days(0)}, "new_date"),
        ({"contact": ""}, "contact"),
        ({"heard_so_far": "Two parents asked for nights."}, "heard_so_far"),
    ],
)
def test_a_holding_note_needs_a_reason_a_day_to_come_and_a_contact(consultation, changed, field):
    with pytest.raises(ValidationError) as refused:
        note(consultation, **worked_out(changed))

    assert list(refused.value.message_dict) == [field]


def test_the_third_holding_note_is_for_the_lead_to_publish(consultation):
    lead = MembershipFactory(organisation=consultation.organisation, role=Role.LEAD)
    note(consultation, reason="First.")
    note(consultation, reason="Second.")

    with pytest.raises(PermissionDenied):
        note(consultation, reason="Third.")
    note(consultation, reason="Third.", by=lead.user)

    assert HoldingNote.objects.published().count() == 3


def test_the_same_holding_note_twice_is_one(consultation):
    note(consultation)
    note(consultation)

    assert HoldingNote.objects.count() == 1


def test_a_holding_note_is_only_for_who_waits():
    with pytest.raises(ValidationError, match="waits for its answer"):
        note(ConsultationFactory(open=True))


# The log


def test_an_entry_from_a_forum_is_public_at_once():
    entry = actions.add_entry(
        by=UserFactory(),
        on=today(),
        organisation=OrganisationFactory(),
        heard_from=HeardFrom.FORUM,
        heard_on=days(-20),
        **theme(),
    )

    assert entry in FeedbackEntry.objects.published()


def test_an_entry_needs_what_any_point_needs():
    with pytest.raises(ValidationError) as refused:
        actions.add_entry(by=UserFactory(), on=today(), organisation=OrganisationFactory(), **theme(what_changed=""))

    assert list(refused.value.message_dict) == ["what_changed"]


def test_a_kept_promise_says_when_and_what_changed():
    entry = FeedbackEntryFactory(overdue=True)
    done = {"by": UserFactory(), "on": today(), "version": 1, "answer": AnswerState.DONE, "done_on": today()}

    with pytest.raises(ValidationError):
        actions.update_entry(entry, what_changed="", **done)
    kept = actions.update_entry(entry, what_changed="The line is open.", **done)

    assert (kept.answer, kept.due_on) == (AnswerState.DONE, None)
    assert not FeedbackEntry.objects.open_promises().exists()


def test_a_promise_past_its_date_can_get_a_new_date_to_come_only():
    entry = FeedbackEntryFactory(overdue=True)
    update = {"by": UserFactory(), "on": today(), "version": entry.version, "answer": AnswerState.WILL_DO}

    with pytest.raises(ValidationError):
        actions.update_entry(entry, **update, owner_role="Lead", due_on=days(-2))
    assert actions.update_entry(entry, **update, owner_role="Lead", due_on=days(20)).due_on == days(20)


def test_two_updates_at_once_clash_and_the_same_one_twice_does_not():
    entry = FeedbackEntryFactory(overdue=True)
    done = {"answer": AnswerState.DONE, "done_on": today(), "what_changed": "The line is open."}
    update = {"by": UserFactory(), "on": today(), "version": entry.version}
    actions.update_entry(entry, **update, **done)

    assert actions.update_entry(entry, **update, **done).version == entry.version + 1
    with pytest.raises(Conflict):
        actions.update_entry(entry, **update, **done | {"what_changed": "Something else."})


def test_what_was_found_elsewhere_stays_as_found():
    entry = FeedbackEntryFactory(origin="found", source_url="https://example.org/said")

    with pytest.raises(ValidationError, match="kept as it was found"):
        actions.update_entry(entry, by=UserFactory(), on=today(), version=entry.version, we_did="x")


def test_an_answer_is_not_made_into_none_point_by_point(consultation):
    publish(consultation, theme(), undecided())
    entry = FeedbackEntry.objects.get(answer=AnswerState.DONE)
    undo = {"answer": AnswerState.DECIDING, "we_did": "We look again.", "next_update_on": days(30)}

    with pytest.raises(ValidationError, match="Every point of this answer"):
        actions.update_entry(entry, by=UserFactory(), on=today(), version=entry.version, **undo)
    assert FeedbackEntry.objects.get(pk=entry.pk).answer == AnswerState.DONE
