"""Every write to sessions, their notes, and the templates of notes."""
