"""Events: what families can turn up to. The house's filenames hold in here too (docs/decisions/0009)."""
