"""Several at once, killed in between, moved at that moment, with the log's chain whole: with real commits (PRI-21)."""

import os
import signal
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from sprechzeit.core.acting import acting
from sprechzeit.privacy import actions
from sprechzeit.privacy.models import DeletionReport
from sprechzeit.privacy.periods import Kind
from sprechzeit.scheduling.models import Block, Occupancy, VideoAppointment
from sprechzeit.video.models import Visit
from tests.support.cast import Cast, at, hold
from tests.support.chain import proof_of, seal_next
from tests.support.databases import Databases
from tests.support.forgotten import end_of, forget, reported, rows, values_of
from tests.support.processes import FORKED
from tests.support.pushed import pushed
from tests.support.together import together, until_somebody_waits

pytestmark = pytest.mark.req("PRI-21")
DAYS = timedelta(days=1)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: Any) -> None:
    """Heads of a test lie in a folder of its own."""
    settings.DATA_DIR = tmp_path


@pytest.mark.own_database
class TestAtTheSameTime:
    """With real commits."""

    @pytest.mark.req("AUD-3")
    def test_the_chain_stays_whole_before_and_after_it_is_sealed(self, cast: Cast, own_database: Databases) -> None:
        house = cast.albers
        visit = pushed(house, at("09:00"))
        hold(house, "14:00")
        seal_next(house.system)
        assert forget(house, end_of(visit) + 91 * DAYS)[Kind.VISITS] == 1
        assert proof_of(house.system).finding is None
        seal_next(house.system)
        proof = proof_of(house.system)
        assert proof.finding is None and proof.waiting == 0

    def test_blank_values_without_their_erasure_are_found(self, cast: Cast, own_database: Databases) -> None:
        """The erasure of rows names each entry; what it does not name counts as tampered with."""
        house = cast.albers
        visit = pushed(house, at("09:00"))
        forget(house, end_of(visit) + 91 * DAYS)
        seal_next(house.system)
        with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
            superuser.execute(
                "UPDATE audit_value SET old = NULL, new = NULL, salt = NULL WHERE entry_id = "
                "(SELECT max(id) FROM audit_entry WHERE table_name = 'practice_videotoken')"
            )
        assert proof_of(house.system).finding is not None

    def test_two_at_once_delete_and_count_each_thing_once(
        self, cast: Cast, own_database: Databases, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = cast.albers
        monkeypatch.setattr(actions, "AT_ONCE", 2)
        visits = [pushed(house, at("09:00"), mark=f"V{number}") for number in range(9)]
        later = end_of(visits[0]) + 91 * DAYS
        counts = together(*[lambda: forget(house, later)] * 3)
        assert sum(one[Kind.VISITS] for one in counts if isinstance(one, dict)) == 9, counts
        assert reported(house) == {"visits": 9} and rows(house, Occupancy) == 0

    def test_what_is_given_another_time_at_that_moment_stays(self, cast: Cast, own_database: Databases) -> None:
        house = cast.albers
        visit = pushed(house, at("09:00"))
        later = end_of(visit) + 91 * DAYS

        def move() -> None:
            with acting(house.system):
                Block.objects.filter(pk=visit.block_id).update(ends_at=later)
                until_somebody_waits(own_database)

        def delete() -> Mapping[Kind, int]:
            time.sleep(0.3)
            return forget(house, later)

        assert together(move, delete) == [None, {}]
        assert rows(house, Visit) == 1

    @pytest.mark.req("PRI-20")
    def test_killed_in_between_the_next_one_ends_it_and_the_count_is_right(
        self, cast: Cast, own_database: Databases, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = cast.albers
        monkeypatch.setattr(actions, "AT_ONCE", 1)
        visits = [pushed(house, at("09:00"), mark=f"V{number}") for number in range(25)]
        later = end_of(visits[0]) + 91 * DAYS
        connections.close_all()
        worker = FORKED.Process(target=lambda: forget(house, later), daemon=True)
        worker.start()
        end = time.monotonic() + 30
        while rows(house, Visit) > 22 and time.monotonic() < end:
            time.sleep(0.005)
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        left = rows(house, Visit)
        assert 0 < left < 25
        assert reported(house) == {"visits": 25 - left}
        with acting(house.system):
            assert DeletionReport.objects.get().ended_at is None
        assert forget(house, later) == {Kind.VISITS: left}
        assert reported(house) == {"visits": 25} and rows(house, Occupancy) == rows(house, VideoAppointment) == 0
        assert values_of(house, "video_visit", "scheduling_block", "scheduling_occupancy") == 0
        seal_next(house.system)
        assert proof_of(house.system).finding is None
