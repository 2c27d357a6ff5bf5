"""The content that every new hub starts with: the lists that staff can edit afterwards."""
