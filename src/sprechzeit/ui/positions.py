"""The position classes of the appointment book.

A strict content security policy allows no style attributes, so every place in the book is a class: `t54 d6` begins
54 units of five minutes after the first hour shown and lasts 6; `l1 w2` is the second of two lanes side by side;
`n6` sets six columns, `rows132` the height of the grid.

`python -m sprechzeit.ui.positions` writes `static/ui/positions.css`.
"""

from pathlib import Path

UNITS_PER_HOUR = 12
UNITS_PER_DAY = 24 * UNITS_PER_HOUR
LANES = 12
COLUMNS = 60
STYLESHEET = Path(__file__).resolve().parent / "static" / "ui" / "positions.css"


def stylesheet() -> str:
    """The whole stylesheet; what is committed must equal it."""
    groups = (
        (f".t{unit}{{--t:{unit}}}" for unit in range(UNITS_PER_DAY)),
        (f".d{length}{{--d:{length}}}" for length in range(1, UNITS_PER_DAY + 1)),
        (f".l{lane}{{--l:{lane}}}" for lane in range(LANES)),
        (f".w{lanes}{{--w:{lanes}}}" for lanes in range(1, LANES + 1)),
        (f".n{count}{{--n:{count}}}" for count in range(1, COLUMNS + 1)),
        (f".rows{units}{{--rows:{units}}}" for units in range(UNITS_PER_HOUR, UNITS_PER_DAY + 1, UNITS_PER_HOUR)),
    )
    rules = "\n".join("".join(group) for group in groups)
    return f"/* Written by `python -m sprechzeit.ui.positions`. */\n@layer book{{\n{rules}\n}}\n"


if __name__ == "__main__":
    STYLESHEET.write_text(stylesheet())
