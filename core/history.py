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


def keeps_rows(of: str, parent: str, name: str) -> pgtrigger.Trigger:
    """A trigger on a table whose rows make up the list `name` of a record, such as its ways to take part.

    What is put into the list and taken out of it is kept in core.ListChange. `of`
    is the table of the record, `parent` the column that names it.
    """
    return _keeps_list(of, parent, name, item=f"to_jsonb(ROW) - 'id' - '{parent}'")


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
        trigger = _keeps_list(model._meta.db_table, parent.column, field.name, item=f"to_jsonb(ROW.{other.column})")
        # pgtrigger puts triggers on a table that Django makes by itself through a model that stands for it.
        meta = type("Meta", (), {"proxy": True, "triggers": [trigger], "default_permissions": ()})
        about = {"__module__": model.__module__, "__doc__": f"The list {field.name} of {model.__name__}.", "Meta": meta}
        type(f"{through.__name__}_kept", (through,), about)


def _keeps_list(of: str, parent: str, name: str, *, item: str) -> pgtrigger.Trigger:
    """`item` is SQL for what is in the list as JSON; ROW stands in it for the row."""
    old, new = item.replace("ROW", "OLD"), item.replace("ROW", "NEW")
    keep = "INSERT INTO core_listchange (of, record_id, name, added, item, at, context_id) VALUES"
    return pgtrigger.Trigger(
        name="keep_list",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF {old} = {new} THEN RETURN NULL; END IF;
            END IF;
            IF TG_OP <> 'INSERT' THEN
                {keep} ('{of}', OLD.{parent}, '{name}', false, {old}, NOW(), _pgh_attach_context());
            END IF;
            IF TG_OP <> 'DELETE' THEN
                {keep} ('{of}', NEW.{parent}, '{name}', true, {new}, NOW(), _pgh_attach_context());
            END IF;
            RETURN NULL;
        """,
    )


def label(*, by, did: str):
    """Say who is acting and what they did, for every history row written inside the block."""
    return pghistory.context(by=getattr(by, "pk", None), did=did)
