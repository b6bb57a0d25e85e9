"""An import (PAT-5): a file of patients, checked, entered, compared with one another, as `app` under row security."""

import random
import resource
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from time import perf_counter
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import bring_file, compare_records, map_columns, start_import
from sprechzeit.patients.jobs import enter_file, read_file
from sprechzeit.patients.models import Patient, PatientImport

from . import report
from .ground import Ground
from .patients import member, names
from .work import House, make_house

COLUMNS = ("last_name", "first_name", "date_of_birth", "mobile", "email", "street", "postcode", "town", "tags")


def prepare(ground: Ground) -> tuple[House, Actor]:
    """An empty practice and its administrator."""
    house = make_house("import", 1, 0, grid=30)
    ground.tell("VACUUM ANALYZE")
    return house, member(house, Role.ADMINISTRATOR)


def lines(count: int) -> Iterator[str]:
    """Each another person."""
    chance = random.Random(8)
    known, born = names(chance), date(1930, 1, 1)
    yield "Nachname;Vorname;Geburtsdatum;Handy;E-Mail;Straße;PLZ;Ort;Schlagwort"
    for number in range(count):
        first, last = next(known)
        on = born + timedelta(days=chance.randrange(34_000))
        yield (
            f"{last};{first};{on:%d.%m.%Y};0171 {5_000_000 + number};p{number}@example.org;"
            f"Hauptstr. {number % 200};50667;Köln;neu"
        )


def measure(ready: tuple[House, Actor], count: int) -> None:
    """Seconds of each step, how many lines a second, and the most memory that the process had."""
    house, actor = ready
    file = "\r\n".join(lines(count)).encode("utf-8-sig")
    taken: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        begin = perf_counter()
        work()
        taken[name] = perf_counter() - begin

    key = _begin(actor, file, timed)
    given = {"practice_id": str(actor.practice_id), "import_id": str(key)}
    timed("checked", lambda: read_file.work(0, **given))
    with acting(actor):
        start_import(actor, key, belongs_to=None, alike="enter", bad_lines="good")
    timed("entered", lambda: enter_file.work(0, **given))
    with acting(actor):
        done = PatientImport.objects.get(pk=key)
        assert (done.entered, done.left_out) == (count, 0), (done.entered, done.left_out)
        assert Patient.objects.filter(imported_by=key).count() == count

    def compare() -> None:
        while True:
            with acting(house.system):
                if not compare_records(house.system):
                    return

    timed("compared for duplicates", compare)
    report.table(
        [f"{count:,} lines", "seconds", "lines a second"],
        [(name, seconds, count / seconds) for name, seconds in taken.items()],
    )
    print(f"The process had {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most.")


def _begin(actor: Actor, file: bytes, timed: Callable[[str, Callable[[], object]], None]) -> UUID:
    keys: list[UUID] = []

    def bring() -> None:
        with acting(actor):
            keys.append(bring_file(actor, "liste.csv", file))
            map_columns(actor, keys[0], dict(enumerate(COLUMNS)), order="dmy", titled=True)

    timed("brought", bring)
    return keys[0]
