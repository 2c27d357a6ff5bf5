"""What families tell the hub outside a consultation: the form, those who read it, and what becomes of each comment."""
