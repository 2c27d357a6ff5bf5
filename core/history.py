"""Who changed what, when and why. Database triggers keep it, so bulk writes are caught too."""

import pghistory
import pgtrigger
from django.db import models


def tracked(*, name: str, exclude: tuple[str, ...] = ()):
    """Keep each row's earlier versions in a table called `name`.

    `exclude` leaves out personal free text and addresses, which must go when
    the row goes (DESIGN rule 15), and generated columns.
    """
    return pghistory.track(model_name=name, exclude=list(exclude) or None)


def keeps_rows(of: str, parent: str, name: str) -> list[pgtrigger.Trigger]:
    """Triggers on a table whose rows make up the list `name` of a record, such as its ways to take part.

    What is put into the list and taken out of it is kept in core.ListChange. `of`
    is the table of the record, `parent` the column that names it.
    """
    return _keeps_list(of, parent, name, item=f"to_jsonb(rows) - 'id' - '{parent}'")


def track_lists(model: type[models.Model], *names: str) -> None:
    """Keep what changes in these lists of a record as well. Call it once everything in the lists is declared.

    Lists of terms get their triggers here; of rows (`keeps_rows`) the table itself has them.
    """
    model.tracked_lists = names  # type: ignore[attr-defined]
    for field in model._meta.local_many_to_many:
        if field.name not in names:
            continue
        through = field.remote_field.through
        _key, parent, other = through._meta.local_fields
        triggers = _keeps_list(model._meta.db_table, parent.column, field.name, item=f"to_jsonb({other.column})")
        # pgtrigger puts triggers on a table that Django makes by itself through a model that stands for it.
        meta = type("Meta", (), {"proxy": True, "triggers": triggers, "default_permissions": ()})
        about = {"__module__": model.__module__, "__doc__": f"The list {field.name} of {model.__name__}.", "Meta": meta}
        type(f"{through.__name__}_kept", (through,), about)


def _keeps_list(of: str, parent: str, name: str, *, item: str) -> list[pgtrigger.Trigger]:
    """`item` is SQL for what is in the list as JSON. Once a statement, so that an import stays fast."""

    def keep(rows: str, added: str) -> str:
        return (
            "INSERT INTO core_listchange (of, record_id, name, added, item, at, context_id)"
            f" SELECT '{of}', {parent}, '{name}', {added}, {item}, NOW(), context FROM {rows} AS rows;"
        )

    def trigger(does: str, operation: pgtrigger.Operation, *kept: str, **tables: str) -> pgtrigger.Trigger:
        return pgtrigger.Trigger(
            name=f"keep_list_{does}",
            when=pgtrigger.After,
            level=pgtrigger.Statement,
            operation=operation,
            referencing=pgtrigger.Referencing(**tables),
            declare=[("context", "uuid")],
            func=f"context := _pgh_attach_context(); {' '.join(kept)} RETURN NULL;",
        )

    put_in, taken_out = keep("new_rows", "true"), keep("old_rows", "false")
    return [
        trigger("in", pgtrigger.Insert, put_in, new="new_rows"),
        trigger("out", pgtrigger.Delete, taken_out, old="old_rows"),
        trigger("change", pgtrigger.Update, taken_out, put_in, old="old_rows", new="new_rows"),
    ]


def label(*, by, did: str):
    """Say who is acting and what they did, for every history row written inside the block."""
    return pghistory.context(by=getattr(by, "pk", None), did=did)
