"""A file that somebody sent, made anew by a program of its own that may fail without harm (`cleaner.py`)."""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from threading import Timer
from typing import IO

from sprechzeit.core.errors import DomainError
from sprechzeit.records.errors import (
    DocumentBroken,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentKindUnknown,
    DocumentTooLarge,
    DocumentTooManyPages,
    DocumentTooManyPixels,
    DocumentUnreadable,
    PictureFormatUnknown,
)

PATIENCE = 90.0  # seconds, however busy the machine is
MOST_ANSWER = 130_000_000  # bytes; more than the program may make
REFUSALS: dict[str, type[DomainError]] = {
    "empty": DocumentEmpty,
    "kind": DocumentKindUnknown,
    "heic": PictureFormatUnknown,
    "encrypted": DocumentEncrypted,
    "broken": DocumentBroken,
    "pages": DocumentTooManyPages,
    "pixels": DocumentTooManyPixels,
    "large": DocumentTooLarge,
}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A document that holds what can be read in the file that was sent, and nothing else.

    `preview`: a small WebP image of a picture, else empty.
    """

    media_type: str
    pages: int
    content: bytes
    preview: bytes


def cleaned(sent: bytes) -> Cleaned:
    """The document in a file. Raises what `REFUSALS` names, and `DocumentUnreadable` where the program died over it."""
    answer = _answer(sent)
    line, _newline, rest = answer.partition(b"\n")
    try:
        head = json.loads(line)
        if "refused" not in head:
            size = int(head["bytes"])
            return Cleaned(str(head["media_type"]), int(head["pages"]), rest[:size], rest[size:])
    except (ValueError, KeyError, TypeError):
        raise DocumentUnreadable from None
    raise REFUSALS.get(str(head["refused"]), DocumentUnreadable)


def _answer(sent: bytes) -> bytes:
    """What the program says. It is given nothing of ours: no environment, no open file, no folder."""
    process = subprocess.Popen(
        [sys.executable, "-s", "-m", "sprechzeit.records.cleaner"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True,
        env={"PYTHONPATH": os.pathsep.join(one for one in sys.path if one), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    timer = Timer(PATIENCE, process.kill)
    timer.start()
    assert process.stdin  # noqa: S101 - asked for above
    assert process.stdout  # noqa: S101 – asked for above
    try:
        # It reads to the end before it writes: the one cannot wait for the other.
        _send(process.stdin, sent)
        answer = process.stdout.read(MOST_ANSWER)
        process.stdout.close()  # what says more than it may ends by it
        process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    if process.returncode != 0:
        raise DocumentUnreadable
    return answer


def _send(pipe: IO[bytes], sent: bytes) -> None:
    """All of it. Where the program died over it, its status says so."""
    with contextlib.suppress(BrokenPipeError):
        pipe.write(sent)
    with contextlib.suppress(BrokenPipeError):
        pipe.close()
