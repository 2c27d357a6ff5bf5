"""The one list of permission names. Each app's rules.py says who holds them."""

from enum import StrEnum


class Permission(StrEnum):
    """Something a signed-in person may be allowed to do. A name that is not here cannot be asked about."""

    USE_DESK = "accounts.use_desk"
    SEE_ALL_DESKS = "accounts.see_all_desks"
    SEE_KEEPERS = "accounts.see_keepers"
    EDIT_ORGANISATION = "accounts.edit_organisation"
    SEE_PEOPLE = "accounts.see_people"
    MOVE_PEOPLE = "accounts.move_people"
    ADD_PEOPLE = "accounts.add_people"
    EDIT_SEARCH_WORDS = "core.edit_search_words"
    SEE_CONSULTATION = "consultations.see_consultation"
    EDIT_CONSULTATION = "consultations.edit_consultation"
    PUBLISH_CONSULTATION = "consultations.publish_consultation"
    NAME_OWNER = "consultations.name_owner"
    CHECK_IMPORTS = "consultations.check_imports"
    SEE_EVENT = "consultations.see_event"
    ADD_EVENT = "consultations.add_event"
    EDIT_EVENT = "consultations.edit_event"
    PUBLISH_EVENT = "consultations.publish_event"
    EDIT_TERMS = "consultations.edit_terms"
    WRITE_ANSWER = "feedback.write_answer"
    PUBLISH_ANSWER = "feedback.publish_answer"
    WRITE_ENTRY = "feedback.write_entry"
    NAME_PROMISE_OWNER = "feedback.name_promise_owner"
    SEE_FAULTS = "notices.see_faults"
    SEE_MESSAGES = "notices.see_messages"
    EDIT_TIMINGS = "notices.edit_timings"
    STEER_MESSAGES = "notices.steer_messages"
