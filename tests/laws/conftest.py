"""What the laws share."""

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone


@pytest.fixture
def still_clock() -> Iterator[None]:
    """For tests that compare two answers with one another: a minute that passes between them is no leak."""
    with time_machine.travel(timezone.now(), tick=False):
        yield
