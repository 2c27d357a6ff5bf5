"""How a consultation is written, checked and shown to families: a subject of its own (docs/decisions/0009, 0017)."""
