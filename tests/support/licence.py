"""The licence of the installation that the tests run on (OTV-1)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sprechzeit.core.licence import FEATURES, licence_file, licence_text


def licensed() -> Path:
    """There is one; one that is there stays. Where it lies."""
    file = licence_file()
    if not file.exists():
        today = datetime.now(UTC).date()
        file.write_text(licence_text("Tests", today, today + timedelta(days=365), FEATURES))
    return file
