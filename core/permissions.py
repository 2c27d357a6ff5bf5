"""The one list of permission names. Each app's rules.py says who holds them."""

from enum import StrEnum


class Permission(StrEnum):
    """Something a signed-in person may be allowed to do. A name that is not here cannot be asked about."""

    USE_DESK = "accounts.use_desk"
    SEE_ALL_DESKS = "accounts.see_all_desks"
    SEE_KEEPERS = "accounts.see_keepers"
    EDIT_ORGANISATION = "accounts.edit_organisation"
    SEE_CONSULTATION = "consultations.see_consultation"
    EDIT_CONSULTATION = "consultations.edit_consultation"
    PUBLISH_CONSULTATION = "consultations.publish_consultation"
    CHECK_IMPORTS = "consultations.check_imports"
    WRITE_ANSWER = "feedback.write_answer"
    PUBLISH_ANSWER = "feedback.publish_answer"
    WRITE_ENTRY = "feedback.write_entry"
    SEE_MESSAGES = "notices.see_messages"
