"""What families can have a say on: consultations, documents, ways to take part."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """What families can have a say on: consultations, documents, ways to take part."""

    name = "consultations"
