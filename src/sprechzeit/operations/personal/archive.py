"""The archive: pages that any browser reads, tables for spreadsheets, everything in full as JSON. Made as a stream."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_valid_filename

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import shown
from sprechzeit.core.cells import harmless
from sprechzeit.operations.personal.kinds import KINDS, Kind
from sprechzeit.operations.personal.rows import as_json, batch_of, batches, heads, of_patients, own_columns
from sprechzeit.operations.policy import sees_everything
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import fields_seen_of, visible_patients
from sprechzeit.practice.queries import practice_of
from sprechzeit.privacy.kinds import THINGS

AT_ONCE, ON_A_LIST = 100, 500  # patients
_STATIC = Path(__file__).parent / "static"
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in an archive."""

    patients: int
    appointments: int


class Archive:
    """A zip file that is written as a stream: `out` needs no way back, and memory holds one piece of it."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._moment = timezone.localtime().timetuple()[:6]

    def page(self, name: str, text: str) -> None:
        """A small file at once."""
        self._zip.writestr(self._entry(name), text, zipfile.ZIP_DEFLATED, 6)

    @contextmanager
    def file(self, name: str, *, packed: bool = True) -> Iterator[IO[bytes]]:
        """A file of any size. `packed`: unless it is so already."""
        entry = self._entry(name)
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        with self._zip.open(entry, "w", force_zip64=True) as opened:
            yield opened

    def close(self) -> None:
        """Write the list of what is in it."""
        self._zip.close()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._moment)
        entry.external_attr = 0o600 << 16
        return entry


def write_archive(actor: Actor, out: IO[bytes], whole: Iterable[bytes] | None, progress: Progress) -> Counts:
    """Write all that the actor sees. `whole`: what can be restored, for who sees everything. OPS-20.

    To be called in one transaction that sees one moment. `progress`: told of parts of 1.
    """
    archive, practice = Archive(out), practice_of(actor)
    zone = practice.zone
    count = visible_patients(actor).count()
    files = _pages(archive, actor, zone, lambda done: progress(0.6 * done / max(count, 1)))
    tables = []
    for number, kind in enumerate(KINDS):
        rows = _csv(archive, actor, kind, zone)
        _json(archive, actor, kind, zone)
        if rows:
            of_kind = (("CSV", f"tables/{kind.table}.csv"), ("JSON", f"json/{kind.table}.json"))
            title = THINGS.get(kind.table, kind.table)
            tables.append({"title": title, "table": kind.table, "count": rows, "files": of_kind})
        progress(0.6 + 0.35 * (number + 1) / len(KINDS))
    if whole is not None:
        with archive.file(f"restore/{practice.slug}.szpractice", packed=False) as opened:
            for piece in whole:
                opened.write(piece)
    facts = {
        "practice": practice,
        "made": date_format(timezone.now().astimezone(zone), "SHORT_DATETIME_FORMAT"),
        "is_whole": sees_everything(actor),
        "role": actor.role,
        "patients": count,
        "tables": tables,
        "files": sum(files.values()),
    }
    _index(archive, actor, facts)
    archive.close()
    appointments = next((one["count"] for one in tables if one["table"] == "scheduling_appointment"), 0)
    return Counts(count, int(str(appointments)))


def _pages(archive: Archive, actor: Actor, zone: ZoneInfo, progress: Progress) -> dict[str, int]:
    """A page for each patient, with all that is about them; and their files. How many files of each kind."""
    kinds = [kind for kind in KINDS if kind.patient and kind.model is not Patient]
    of_patient = next(kind for kind in KINDS if kind.model is Patient)
    files: dict[str, int] = {}
    done, last = 0, None
    while True:
        rows = visible_patients(actor).order_by("pk")
        some = list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE])
        if not some:
            return files
        ids = {one.pk for one in some}
        found = [(kind, of_patients(actor, kind, ids, zone)) for kind in kinds]
        batch = batch_of(actor, of_patient, some, zone)
        names = heads(of_patient)
        for one in some:
            facts = [(head, words) for head, (_name, words) in zip(names, batch.cells(one), strict=True) if words]
            sections = [
                {
                    "title": THINGS.get(kind.table, kind.table),
                    "heads": heads(kind, own_columns(kind)),
                    "rows": of[one.pk],
                }
                for kind, of in found
                if one.pk in of
            ]
            page = {"name": one.full_name, "facts": facts, "sections": sections}
            archive.page(f"patients/{one.pk}.html", render_to_string("operations/archive/patient.html", page))
        for kind in kinds:
            files[kind.table] = files.get(kind.table, 0) + _files(archive, actor, kind, ids)
        done, last = done + len(some), some[-1].pk
        progress(done)


def _files(archive: Archive, actor: Actor, kind: Kind, ids: Iterable[Any]) -> int:
    """What belongs to rows beside them, as documents."""
    count = 0
    if kind.files is None:
        return count
    for row in kind.visible(actor).filter(**{f"{kind.patient}__in": ids}).order_by("pk"):
        for name, content in kind.files(actor, row):
            count += 1
            with archive.file(f"files/{row.pk}-{get_valid_filename(name)}") as opened:
                for piece in content:
                    opened.write(piece)
    return count


def _csv(archive: Archive, actor: Actor, kind: Kind, zone: ZoneInfo) -> int:
    """As German spreadsheets expect it; no cell is a formula. How many rows."""
    count = 0
    with archive.file(f"tables/{kind.table}.csv") as out:
        text = io.TextIOWrapper(out, "utf-8-sig", newline="")
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(heads(kind))
        for batch in batches(actor, kind, zone):
            count += len(batch.rows)
            writer.writerows([harmless(words) for _name, words in batch.cells(row)] for row in batch.rows)
        text.flush()
        text.detach()
    return count


def _json(archive: Archive, actor: Actor, kind: Kind, zone: ZoneInfo) -> None:
    """Every column of every row, as the database has it; what is sealed there is open."""
    with archive.file(f"json/{kind.table}.json") as out:
        before = b"[\n"
        for batch in batches(actor, kind, zone):
            for row in batch.rows:
                out.write(before + as_json(batch.whole(row)).encode())
                before = b",\n"
        out.write(b"\n]\n" if before == b",\n" else b"[]\n")


def _index(archive: Archive, actor: Actor, facts: dict[str, Any]) -> None:
    """The first page, the lists of patients by name, and what its search reads."""
    lists = []
    for number, some in enumerate(_by_name(actor), start=1):
        name = f"lists/{number:04}.html"
        archive.page(name, render_to_string("operations/archive/list.html", {"rows": some, "number": number}))
        lists.append({"name": name, "first": some[0]["name"], "last": some[-1]["name"]})
    with archive.file("search-data.js") as out:
        out.write(b"window.PATIENTS = [\n")
        for some in _by_name(actor):
            for row in some:
                out.write(json.dumps(list(row.values()), ensure_ascii=False).encode() + b",\n")
        out.write(b"];\n")
    archive.page("index.html", render_to_string("operations/archive/index.html", facts | {"lists": lists}))
    for file in ("style.css", "search.js"):
        archive.page(file, (_STATIC / file).read_text())


def _by_name(actor: Actor) -> Iterator[list[dict[str, str]]]:
    """All visible patients, as many as stand on a list, in order of their names."""
    last: Patient | None = None
    while True:
        rows = visible_patients(actor).order_by("last_key", "first_key", "pk")
        if last is not None:
            rows = rows.filter(
                Q(last_key__gt=last.last_key)
                | Q(last_key=last.last_key, first_key__gt=last.first_key)
                | Q(last_key=last.last_key, first_key=last.first_key, pk__gt=last.pk)
            )
        some = list(rows.defer("remarks", "warnings")[:ON_A_LIST])
        if not some:
            return
        seen = fields_seen_of(actor, some)
        yield [_listed(one, seen[one.pk]) for one in some]
        last = some[-1]


def _listed(one: Patient, fields: frozenset[str] | None) -> dict[str, str]:
    born = one.date_of_birth
    return {
        "name": one.full_name,
        "born": date_format(born, "SHORT_DATE_FORMAT") if born else "",
        "number": str(one.number) if shown("number", fields) else "",
        "page": f"patients/{one.pk}.html",
    }
