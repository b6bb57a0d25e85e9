"""Who shares which room, as a drawing: positions for the template, in units of the drawing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from uuid import UUID

WIDTH = 960
BOX, SPACE = 260, 216  # widths of a practice and of a shared room
LEFT, MIDDLE, RIGHT = 10, 372, 690
TOP, GAP, ROW, HEAD, PADDING = 12, 22, 50, 60, 14
LINE = 18  # from one line of text to the next
LETTERS, SMALL_LETTERS = 30, 33  # that fit in a box's line


@dataclass(frozen=True, slots=True)
class Label:
    """A room within a box: where, what it is called, and how it is shared."""

    y: int
    name: str
    is_shared: bool

    @property
    def text_y(self) -> int:
        """The line it is written on."""
        return self.y + 25


@dataclass(frozen=True, slots=True)
class Box:
    """A practice or a shared room. `lines`: under its name."""

    x: int
    y: int
    width: int
    height: int
    name: str
    rooms: Sequence[Label] = ()
    waits: bool = False
    lines: Sequence[str] = ()

    @property
    def text_x(self) -> int:
        """Where its text begins."""
        return self.x + 18

    @property
    def title_y(self) -> int:
        """The line of its name."""
        return self.y + 28

    @property
    def subtitle_y(self) -> int:
        """The line under its name."""
        return self.y + 46

    @property
    def details(self) -> list[tuple[int, str]]:
        """Its lines, each with where it is written."""
        return [(self.title_y + LINE * number, line) for number, line in enumerate(self.lines, start=1)]

    @property
    def middle(self) -> int:
        """The line on which others are tied to it."""
        return self.y + self.height // 2

    @property
    def centre(self) -> int:
        """The middle of its width."""
        return self.x + self.width // 2


@dataclass(slots=True)
class Drawing:
    """`ties`: paths from a room to a shared room and from there to another practice; `glances`: where times are shown
    without a room.
    """

    own: Box
    spaces: Sequence[Box]
    others: Sequence[Box]
    ties: list[str] = field(default_factory=list)
    glances: list[str] = field(default_factory=list)

    @property
    def height(self) -> int:
        """Of the whole."""
        return max(one.y + one.height for one in (self.own, *self.spaces, *self.others)) + TOP

    width = WIDTH


@dataclass(frozen=True, slots=True)
class Other:
    """Another practice: its name, the shared rooms it uses, whether each sees when the other is busy."""

    name: str
    spaces: Collection[UUID]
    shown: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared room: its name, and who has it how long today."""

    name: str
    lines: Sequence[str]


def draw(
    name: str, rooms: Sequence[tuple[str, UUID | None]], spaces: Mapping[UUID, Shared], others: Sequence[Other]
) -> Drawing:
    """The practice with its rooms to the left, the shared rooms between, the others to the right."""
    labels = [
        Label(TOP + HEAD + number * ROW, shortened(room), space is not None)
        for number, (room, space) in enumerate(rooms)
    ]
    own = Box(LEFT, TOP, BOX, HEAD + max(1, len(rooms)) * ROW + PADDING - 10, shortened(name), labels)
    heights = [46 + LINE * len(one.lines) for one in spaces.values()]
    begins = accumulate(heights, lambda y, height: y + height + GAP, initial=TOP + 30)
    middle = {
        key: Box(MIDDLE, y, SPACE, height, shortened(one.name), lines=one.lines)
        for (key, one), y, height in zip(spaces.items(), begins, heights, strict=False)
    }
    right = [
        Box(RIGHT, TOP + number * (84 + GAP), BOX, 84, shortened(one.name), waits=one.waits)
        for number, one in enumerate(others)
    ]
    drawing = Drawing(own, list(middle.values()), right)
    for label, (_name, space) in zip(labels, rooms, strict=True):
        if space in middle:
            drawing.ties.append(_tie(LEFT + BOX - 16, label.y + 20, MIDDLE, middle[space].middle))
    for box, one in zip(right, others, strict=True):
        used = [middle[key] for key in one.spaces if key in middle]
        step = box.height // (len(used) + 1)
        for number, space_box in enumerate(sorted(used, key=lambda each: each.y), start=1):
            drawing.ties.append(_tie(MIDDLE + SPACE, space_box.middle, RIGHT, box.y + number * step))
        if one.shown and not used:
            drawing.glances.append(_tie(LEFT + BOX, own.y + own.height - 14, RIGHT, box.middle))
    return drawing


def _tie(x: int, y: int, to_x: int, to_y: int) -> str:
    """A line that leaves and arrives level."""
    half = (x + to_x) // 2
    return f"M{x} {y}C{half} {y} {half} {to_y} {to_x} {to_y}"


def shortened(text: str) -> str:
    """As much of it as fits in a box."""
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def wrapped(pieces: Sequence[str]) -> list[str]:
    """As many in a line as fit, with dots between."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 3 + len(piece) <= SMALL_LETTERS:
            lines[-1] += f" · {piece}"
        else:
            lines.append(piece)
    return lines
