"""Feeds that a council has already, read every night. New entries become drafts; changed dates wait for staff."""
