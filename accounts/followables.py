"""What families follow of organisations: whatever one of them, or a body below it, asks or runs."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Model
from django.utils.functional import Promise

from accounts.models import Organisation
from notices.followables import Asked, Followable, Key, Words


class OfOrganisation(Followable):
    """The things of one kind that belong to an organisation, and to everything below it."""

    model: type[Model]  # it has an `organisation`
    title: str | Promise  # "Events run by %(what)s"

    def url(self, organisation: Organisation) -> str:
        """Where they are seen, without the host."""
        raise NotImplementedError

    def read(self, asked: Asked) -> Key | None:
        """An organisation, by its slug."""
        pk = Organisation.objects.filter(slug=asked.get("about", "")).values_list("pk", flat=True).first()
        return Key(self.name, pk) if pk else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Their names."""
        rows = Organisation.objects.filter(pk__in=[key.about_id for key in keys]).only("name", "slug")
        return {Key(self.name, row.pk): Words(str(self.title) % {"what": row.name}, self.url(row)) for row in rows}

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Each thing is held by its organisation and by all above that, whose ids are its path."""
        return (
            f"SELECT above::bigint, '', thing.id FROM {self.model._meta.db_table} AS thing"
            " JOIN accounts_organisation AS body ON body.id = thing.organisation_id"
            " CROSS JOIN LATERAL unnest(string_to_array(trim('.' FROM body.path), '.')) AS above"
            f" WHERE thing.id IN ({things})",
            [],
        )
