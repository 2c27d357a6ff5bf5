"""Services and organisations in the site search."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.models import NAME_WORDS, Organisation
from core import searching
from core.searching import Hit, names
from core.versions import cached


def named(words: str) -> list[int]:
    """The organisations whose names begin like these words, such as "eastm council"."""
    every = cached("accounts.names", (), lambda: list(Organisation.objects.order_by("pk").values_list("pk", "name")))
    return [pk for pk, name in every if names(words, name)]


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These organisations as the site search shows them: what sort of body it is, and of which it is a part."""
    rows = Organisation.objects.filter(pk__in=ids).select_related("parent")
    return {row.pk: _hit(row) for row in rows}


def _hit(organisation: Organisation) -> Hit:
    facts = [organisation.get_kind_display()]
    if organisation.parent:
        facts.append(_("Part of %(name)s") % {"name": organisation.parent.name})
    return Hit(title=organisation.name, url=organisation.get_absolute_url(), text=organisation.about, facts=facts)


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="organisation",
            title=_("Services and organisations"),
            public=lambda: Organisation.objects.all(),
            hits=hits,
            newest=("-pk",),
            vector=NAME_WORDS,
            named=named,
        )
    )
