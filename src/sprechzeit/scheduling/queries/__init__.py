"""Reads of the appointment book, one file for each screen or question."""
