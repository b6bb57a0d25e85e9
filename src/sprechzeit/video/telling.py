"""Telling open pages that something changed at a consultation."""

from sprechzeit.core.live import announce, announce_practice
from sprechzeit.video.models import Consultation


def tell(consultation: Consultation) -> None:
    """Tell its two pages, and the lists of the practice."""
    tell_pages(consultation)
    announce_practice(consultation.practice_id)


def tell_pages(consultation: Consultation) -> None:
    """Tell its two pages alone: their stream asks what it was."""
    announce(consultation.pk, consultation.pk)
