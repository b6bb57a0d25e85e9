"""A practice whose appointments by video are held at a service of somebody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from sprechzeit.core.peers import networks
from tests.support.cast import Cast
from tests.support.video_peer import VideoPeer, video_peer
from tests.support.video_service import held_elsewhere


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    """This machine may be called."""
    settings.WEBHOOK_NETWORKS = networks(["127.0.0.0/8"])


@pytest.fixture
def peer(cast: Cast) -> Iterator[VideoPeer]:
    """The practice's video service."""
    with video_peer() as made:
        held_elsewhere(cast.albers, made.url)
        yield made
