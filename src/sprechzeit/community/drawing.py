"""Who shares which room, as a drawing: positions for the template, in units of the drawing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

WIDTH = 960
BOX, SPACE = 260, 216  # widths of a practice and of a shared room
LEFT, MIDDLE, RIGHT = 10, 372, 690
TOP, GAP, ROW, HEAD, PADDING = 12, 22, 50, 60, 14
LETTERS = 30  # that fit in a box's line


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


def draw(
    name: str, rooms: Sequence[tuple[str, UUID | None]], spaces: Mapping[UUID, str], others: Sequence[Other]
) -> Drawing:
    """The practice with its rooms to the left, the shared rooms between, the others to the right."""
    labels = [
        Label(TOP + HEAD + number * ROW, _short(room), space is not None) for number, (room, space) in enumerate(rooms)
    ]
    own = Box(LEFT, TOP, BOX, HEAD + max(1, len(rooms)) * ROW + PADDING - 10, _short(name), labels)
    middle = {
        key: Box(MIDDLE, TOP + 30 + number * (68 + GAP), SPACE, 68, _short(title))
        for number, (key, title) in enumerate(spaces.items())
    }
    right = [
        Box(RIGHT, TOP + number * (84 + GAP), BOX, 84, _short(one.name), waits=one.waits)
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


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
