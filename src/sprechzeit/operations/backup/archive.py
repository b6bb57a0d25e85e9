"""What stands in a backup: named parts one after another, a list of what they are, and their digests at the end.

(name length (2 bytes) | name | (length (4) | bytes)… | 0 (4))… | 0 (2)
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO

from sprechzeit.operations.backup import DIGESTS, MANIFEST, keys
from sprechzeit.operations.backup.sealed import Opening, Sealing
from sprechzeit.operations.errors import BackupUnreadable
from sprechzeit.operations.terminal import _

FRAME = 1 << 18  # bytes read at once


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `rows`: of each table; `heads`: of each practice's log, its place and digest."""

    version: str
    made_at: str
    postgresql: int
    migrations: list[list[str]]
    rows: dict[str, int]
    heads: dict[str, list[str]]
    files: int

    @property
    def moment(self) -> str:
        """When it was made, for people."""
        return f"{datetime.fromisoformat(self.made_at):%Y-%m-%d %H:%M} UTC"


class Packing:
    """Writes parts into a sealed stream."""

    def __init__(self, out: IO[bytes], master: str) -> None:
        self._sealing = Sealing(out, master)
        self._digests: dict[str, str] = {}

    @property
    def salt(self) -> bytes:
        """What names this one backup."""
        return self._sealing.salt

    def add(self, name: str, frames: Iterable[bytes]) -> None:
        """Add a part."""
        digest = hashlib.sha256()
        self._sealing.write(len(name.encode()).to_bytes(2, "big") + name.encode())
        for frame in frames:
            if frame:
                digest.update(frame)
                self._sealing.write(len(frame).to_bytes(4, "big"))
                self._sealing.write(frame)
        self._sealing.write(bytes(4))
        self._digests[name] = digest.hexdigest()

    def add_manifest(self, manifest: Manifest) -> None:
        """The first part."""
        self.add(MANIFEST, [json.dumps(asdict(manifest)).encode()])

    def finish(self) -> None:
        """Add the digests and seal the end."""
        self.add(DIGESTS, [json.dumps(self._digests).encode()])
        self._sealing.write(bytes(2))
        self._sealing.finish()


class Backup:
    """A backup that can be read. `file` is read from its beginning, as often as needed. `names`: of its parts."""

    def __init__(self, file: IO[bytes], master: str) -> None:
        self._file, self._master = file, master
        self.names: list[str] = []
        self.manifest, self.name = self._examined()

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part with its bytes, to be read one after another; read to the end. Raises `BackupUnreadable`."""
        stream: IO[bytes] = io.BufferedReader(self._opening(), FRAME)
        while length := int.from_bytes(_exactly(stream, 2), "big"):
            frames = _frames(stream)
            yield _exactly(stream, length).decode(), frames
            for _rest in frames:
                pass
        if stream.read(1):
            raise BackupUnreadable(_("The backup is damaged: something stands behind its end."))

    def _opening(self) -> Opening:
        return Opening(self._file, _only(self._master))

    def _examined(self) -> tuple[Manifest, str]:
        """Read everything once, so that nothing is begun with a backup that is not whole. Raises `BackupUnreadable`."""
        kept: dict[str, bytes] = {}
        found: dict[str, str] = {}
        for name, frames in self.parts():
            self.names.append(name)
            digest = hashlib.sha256()
            for frame in frames:
                digest.update(frame)
                if name in (MANIFEST, DIGESTS):
                    kept[name] = kept.get(name, b"") + frame
            found[name] = digest.hexdigest()
        try:
            said = json.loads(kept[DIGESTS])
            manifest = Manifest(**json.loads(kept[MANIFEST]))
        except (KeyError, ValueError, TypeError) as error:
            raise BackupUnreadable(_("The backup does not say what is in it. Take another backup.")) from error
        if {**said, DIGESTS: found[DIGESTS]} != found:
            raise BackupUnreadable(_("The backup is damaged: a part of it is not what it was. Take another backup."))
        return manifest, self._opening().salt.hex()


def _only(master: str) -> Callable[[bytes], str]:
    def key_of(wanted: bytes) -> str:
        if wanted != keys.key_id(master):
            raise BackupUnreadable(
                _("The backup was made with another key (%(wanted)s); this one is %(given)s.")
                % {"wanted": wanted.hex(), "given": keys.key_id(master).hex()}
            )
        return master

    return key_of


def _frames(stream: IO[bytes]) -> Iterator[bytes]:
    while length := int.from_bytes(_exactly(stream, 4), "big"):
        yield _exactly(stream, length)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise BackupUnreadable(_("The backup is damaged: its end is missing."))
    return found
