"""What an adapter to a video service is: one file in `adapters/` (PUSH-9). Pure.

The file's name is the adapter's. It holds `LABEL`, how the settings call it, and `connect(place)`, which gives a
`VideoService`. It asks through `place.ask` and nothing else, and tells by the errors below what was wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Visit:
    """All that a service is ever told of an appointment (PUSH-6).

    `reference`: the practice's, opaque, at most 64 characters. `practitioner`: who that is there. `starts_at`: by the
    practice's clock. `first_name`: or initials, or a code, as the practice chose; `last_name`, `mobile`: empty where it
    does not send them.
    """

    reference: str
    practitioner: str
    starts_at: datetime
    minutes: int
    first_name: str
    last_name: str
    email: str
    mobile: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The service has it. `overlaps`: something else stands there at that time, which it accepted (PUSH-10)."""

    join_url: str
    tan: str
    overlaps: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the service knows: names by their references. `writes`: whether it writes to patients itself (VID-5); None
    where it does not say.
    """

    practitioners: Mapping[str, str]
    writes: bool | None = None


class NotTaken(Exception):
    """The service did not take it. `why`: a code of `models.Why`.

    `status`: of its answer, if there was one. `later`: for how long it wants to be left alone. `is_final`: asking again
    would be refused again. `in_doubt`: it may have done it all the same.
    """

    def __init__(
        self,
        why: str,
        *,
        status: int | None = None,
        later: timedelta = timedelta(0),
        is_final: bool = False,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(why)
        self.why, self.status, self.later = why, status, later
        self.is_final, self.in_doubt = is_final, in_doubt


UNKNOWN = 404
"""The answer about what a service does not know; kept with what it took all the same."""


class NotThere(NotTaken):
    """The service knows no appointment by this reference."""


class AlreadyThere(NotTaken):
    """The service has an appointment by this reference already."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a service answered. `content`: the JSON, or None where it is none."""

    status: int
    content: Any
    later: timedelta = timedelta(0)


# Method, path below the service's address, headers, and what is sent as JSON. Raises `NotTaken` where nothing answers.
Ask = Callable[..., Spoken]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is, and how one asks it. `token`: nothing prints it."""

    token: str = field(repr=False)
    ask: Ask


class VideoService(Protocol):
    """A service, reached. Every method raises `NotTaken`.

    `key`: names the change; asked again with the same key a service that knows such keys does nothing twice.
    """

    def create(self, visit: Visit, key: str) -> Taken:
        """Enter it. Raises `AlreadyThere`."""
        ...

    def change(self, visit: Visit, key: str) -> Taken:
        """Let it be so from now on. Raises `NotThere`."""
        ...

    def cancel(self, reference: str, key: str) -> None:
        """Let it not take place. Raises `NotThere`."""
        ...

    def known(self) -> Known:
        """Whom it knows: that it can be asked at all."""
        ...


class Adapter(Protocol):
    """A file of `adapters/`."""

    LABEL: str

    def connect(self, place: Place) -> VideoService:
        """The service at a place."""
        ...
