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
    rules = [f".t{unit}{{--t:{unit}}}" for unit in range(UNITS_PER_DAY)]
    rules += [f".d{length}{{--d:{length}}}" for length in range(1, UNITS_PER_DAY + 1)]
    rules += [f".l{lane}{{--l:{lane}}}" for lane in range(LANES)]
    rules += [f".w{lanes}{{--w:{lanes}}}" for lanes in range(1, LANES + 1)]
    rules += [f".n{count}{{--n:{count}}}" for count in range(1, COLUMNS + 1)]
    rules += [f".rows{hours * UNITS_PER_HOUR}{{--rows:{hours * UNITS_PER_HOUR}}}" for hours in range(1, 25)]
    header = "/* Written by `python -m sprechzeit.ui.positions`. */"
    return f"{header}\n@layer book{{\n{chr(10).join(rules)}\n}}\n"


if __name__ == "__main__":
    STYLESHEET.write_text(stylesheet())
