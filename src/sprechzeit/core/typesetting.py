"""PDF by typst, in a process of its own that has an end: no text that people type holds a page up (DOC-4).

Everything a file says goes to its template as data; nothing typed anywhere is taken for markup.
"""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

SECONDS = 20
# Archived for decades, and read by those who do not see it: PDF/A-2a and PDF/UA-1.
STANDARDS = ("a-2a", "ua-1")
_NO_LETTER = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_WORKER = Path(__file__).parent / "typeset.py"


class NotTypeset(Exception):
    """No file was made: `letters` that no font has, or ''. What the text says is not part of the message."""

    def __init__(self, why: str, letters: str = "") -> None:
        self.letters = letters
        super().__init__(why)


def typeset(
    template: Path, facts: Mapping[str, Any], made_at: datetime, *, standards: tuple[str, ...] = STANDARDS,
    seconds: float = 0,
) -> bytes:  # fmt: skip
    """The PDF that `template` makes of `facts`. Raises `NotTypeset`, after `seconds` at the latest, or `SECONDS`."""
    seconds = seconds or SECONDS
    asked = {
        "template": str(template),
        "facts": json.dumps(facts),
        "made_at": made_at.timestamp(),
        "standards": standards,
        "seconds": seconds,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_WORKER)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotTypeset("took too long") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise NotTypeset("the process ended") from None
    if "error" in answer:
        found = _NO_LETTER.search(answer["error"])
        raise NotTypeset("refused by typst", found[1] if found else "")
    return base64.b64decode(answer["pdf"])
