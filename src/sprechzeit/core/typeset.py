"""The process that `typesetting.py` starts: reads what is to be made, says the PDF or why there is none."""

import base64
import json
import math
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

import typst


def main() -> None:
    """One file, with a limit of its own where whoever asked is gone."""
    asked = json.load(sys.stdin)
    seconds = math.ceil(asked["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds * 2, seconds * 2))
    try:
        made = typst.compile(
            Path(asked["template"]).read_bytes(),
            ignore_system_fonts=True,
            sys_inputs={"facts": asked["facts"]},
            pdf_standards=asked["standards"],
            timestamp=datetime.fromtimestamp(int(asked["made_at"]), UTC),
        )
        answer = {"pdf": base64.b64encode(bytes(made)).decode()}
    except typst.TypstError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
