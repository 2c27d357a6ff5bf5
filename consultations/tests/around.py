"""The rows around a consultation, for tests."""

from django.core.files.base import ContentFile

from consultations.actions import DOCUMENTS
from consultations.models import Document, Support, SupportState, WayToTakePart
from core import uploads
from core.models import AccessSupport, Area, Audience, Format, Method, Topic


def term(model, key: str, **facts):
    """The entry of a list with this key, made when it is not there."""
    return model.objects.get_or_create(key=key, defaults={"label": key.replace("-", " ").capitalize(), **facts})[0]


def complete(consultation):
    """The consultation with everything around it that publishing asks for."""
    way(consultation, "drop-in", offline=True)
    way(consultation, "online-survey")
    consultation.topics.add(term(Topic, "a-topic"))
    consultation.audiences.add(term(Audience, "an-audience"))
    consultation.areas.add(term(Area, "an-area"))
    return consultation


def way(consultation, key: str, *, offline=False, without_voice=True, **facts):
    """One way to take part."""
    method = term(Method, key, offline=offline, without_voice=without_voice)
    return WayToTakePart.objects.create(
        consultation=consultation, method=method, **{"description": f"By {method.label}", **facts}
    )


def support(consultation, key: str, state=SupportState.THERE, ask_by=None):
    """One kind of help to take part."""
    kind = term(AccessSupport, key)
    return Support.objects.create(consultation=consultation, kind=kind, state=state, ask_by=ask_by)


def document(consultation, key: str, **facts):
    """One paper in a format."""
    facts = {"title": "The paper", "url": "https://example.org/paper.pdf", **facts}
    return Document.objects.create(consultation=consultation, format=term(Format, key), **facts)


def kept_document(consultation, content: bytes = b"%PDF-1.7 a paper", ending: str = "pdf", **facts):
    """One paper whose file the hub keeps."""
    stored = uploads.keep(ContentFile(content, f"paper.{ending}"), DOCUMENTS)
    return document(consultation, "a-format", url="", stored=stored, file_type=ending, **facts)
