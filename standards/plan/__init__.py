"""The plan: what an organisation will do about the gaps that its check found, by when, and who does it."""
