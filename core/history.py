"""Who changed what, when and why. Database triggers keep it, so bulk writes are caught too."""

import pghistory


def tracked(*, name: str, exclude: tuple[str, ...] = ()):
    """Keep each row's earlier versions in a table called `name`.

    `exclude` leaves out personal free text and addresses, which must go when
    the row goes (DESIGN rule 15), and generated columns.
    """
    return pghistory.track(model_name=name, exclude=list(exclude) or None)


def label(*, by, did: str):
    """Say who is acting and what they did, for every history row written inside the block."""
    return pghistory.context(by=getattr(by, "pk", None), did=did)
