"""Who works in the demo practice, when, and what can be booked there. All of them are invented."""

from dataclasses import dataclass, field

from sprechzeit.access.table import Role

# Minutes since midnight.
HALF_DAYS = ((8 * 60, 12 * 60), (13 * 60, 18 * 60))
Week = dict[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Kind:
    """An appointment type: minutes, and how often it is booked beside the others of its practitioner."""

    name: str
    duration: int
    colour: int
    weight: int
    after: int = 0
    grid: int = 15
    notice: int = 240
    online: bool = True
    patients: str = "all"
    location: str = ""
    price_cents: int | None = None


KINDS = {
    "first": Kind("Ersttermin", 50, 1, 1, after=10, grid=30, notice=1440, patients="new", price_cents=10055),
    "next": Kind("Folgetermin", 25, 2, 6, after=5),
    "therapy": Kind("Einzeltherapie", 50, 3, 6, after=10, grid=30, price_cents=10055),
    "check": Kind("Kontrolle", 20, 4, 5, grid=10),
    "hygiene": Kind("Prophylaxe", 40, 6, 3, after=5, grid=20, price_cents=8900),
    "video": Kind("Videosprechstunde", 50, 7, 1, grid=30, location="video"),
    "supervision": Kind("Supervision", 50, 5, 1, after=10, grid=30, price_cents=11000),
    "report": Kind("Gutachten", 50, 8, 1, grid=30, online=False),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the demo practice; whoever `offers` something has a calendar and a room."""

    email: str
    name: str
    initials: str
    role: Role
    colour: int
    room: str = ""
    offers: tuple[str, ...] = ()
    week: Week = field(default_factory=dict)
    busy: float = 0.8


def days(*blocks: tuple[int, int], on: range = range(5)) -> Week:
    """The same blocks on several weekdays."""
    return dict.fromkeys(on, blocks)


def clock(hours: float) -> int:
    """Minutes since midnight."""
    return round(hours * 60)


PEOPLE = (
    Person(
        "miriam.albers@example.org", "Dr. Miriam Albers", "MA", Role.ADMINISTRATOR, 3, "Raum 1",
        ("therapy", "first", "video", "supervision"), days(*HALF_DAYS),
    ),
    Person(
        "jana.albrecht@example.org", "Jana Albrecht", "JA", Role.SECRETARY, 2,
    ),
    Person(
        "jonas.petersen@example.org", "Jonas Petersen", "JP", Role.PRACTITIONER, 7, "Raum 2",
        ("next", "first", "video"), days((clock(9), clock(12)), (clock(12.5), clock(19))), busy=0.75,
    ),
    Person(
        "sofia.ramos@example.org", "Dr. Sofia Ramos", "SR", Role.PRACTITIONER, 2, "Raum 3",
        ("check", "hygiene", "first"), days((clock(8), clock(12)), (clock(13), clock(16))), busy=0.85,
    ),
    Person(
        "kai.lehmann@example.org", "Kai Lehmann", "KL", Role.PRACTITIONER, 8, "Raum 5",
        ("next", "therapy"), days((clock(8), clock(9.75)), on=range(4)) | days((clock(8), clock(13)), on=range(4, 5)),
    ),
    Person(
        "hanna.voss@example.org", "Dr. Hanna Voss", "HV", Role.PRACTITIONER, 5, "Raum 4",
        ("therapy", "first"), days((clock(8), clock(12)), (clock(13), clock(17))), busy=0.7,
    ),
    Person(
        "amira.haddad@example.org", "Amira Haddad", "AH", Role.PRACTITIONER, 4, "Raum 5",
        ("next", "therapy", "report"), days((clock(10), clock(13.5)), (clock(14), clock(20)), on=range(4)), busy=0.65,
    ),
)  # fmt: skip

AWAY, SATURDAY, KEEPS = "KL", "AH", "MA"
TEAM = ("MA", "SR", "HV")
# Kept for first appointments: weekday and minutes.
KEPT = (4, clock(8), clock(10))

ROOMS = tuple(f"Raum {number}" for number in range(1, 6))

FIRST_NAMES = (
    "Thomas", "Elif", "Jens", "Katharina", "Can", "Ute", "Łukasz", "Mona", "Henry", "Lea", "Peter", "Amal", "Stefan",
    "Greta", "Felix", "Silke", "Lars", "Emma", "Tom", "Helene", "Anna", "Rosa", "Ben", "Ida", "Jutta", "Marco",
)  # fmt: skip
LAST_NAMES = (
    "Krüger", "Yıldız", "Brandt", "Vogt", "Özdemir", "Lindner", "Nowak", "Ritter", "Wolff", "Kühn", "Lorenz", "Haddad",
    "Fuchs", "Otto", "Maurer", "Hartmann", "Becker", "Schulz", "Seidel", "Graf", "Simon", "Engel", "Pohl", "Keller",
    "Arnold", "Thiel", "Franke", "Dietrich", "Böhm",
)  # fmt: skip
REMARKS = (
    "Wünscht Sitzplatz nahe der Tür.",
    "Bringt den MRT-Befund mit.",
    "Überweisung fehlt noch.",
    "Kommt mit Begleitung.",
)
