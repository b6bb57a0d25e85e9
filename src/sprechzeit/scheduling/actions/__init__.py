"""Writes of the appointment book, one file for each use case."""
