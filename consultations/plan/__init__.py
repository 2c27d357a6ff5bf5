"""The forward plan: what services mean to ask before anything is public, and which of it falls on the same families."""
