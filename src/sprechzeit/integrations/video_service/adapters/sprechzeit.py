"""The video side of Sprechzeit, here or in another installation: `/api/video/v1` (VID-1, docs/api/video-v1.json)."""

from typing import Any

from sprechzeit.integrations.video_service.contract import (
    AlreadyThere,
    Known,
    NotTaken,
    NotThere,
    Place,
    Spoken,
    Taken,
    Visit,
)

LABEL = "Sprechzeit"
BASE = "/api/video/v1"
OK = range(200, 300)
REDIRECTS = range(300, 400)
FAULTS = range(500, 600)
LONGEST = 2000
"""Of a link; a TAN is shorter still."""


def connect(place: Place) -> "Sprechzeit":
    """The video side at a place."""
    return Sprechzeit(place)


class Sprechzeit:
    """A video side of Sprechzeit."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def create(self, visit: Visit, key: str) -> Taken:
        """Enter it."""
        return _taken(self._ask("POST", "/appointments", key, {"reference": visit.reference} | _facts(visit)))

    def change(self, visit: Visit, key: str) -> Taken:
        """Move it, or correct it."""
        return _taken(self._ask("PUT", f"/appointments/{visit.reference}", key, _facts(visit)))

    def cancel(self, reference: str, key: str) -> None:
        """Cancel it."""
        self._ask("DELETE", f"/appointments/{reference}", key)

    def known(self) -> Known:
        """Its practitioners by their user ids."""
        try:
            content = self._ask("GET", "/practitioners").content
        except NotThere as error:
            # Of an appointment it would be one that is gone; here the interface itself is not at this address.
            raise NotTaken("interface", status=error.status) from None
        items = content.get("items") if isinstance(content, dict) else None
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise NotTaken("interface")
        writes = content.get("writes_to_patients")
        practitioners = {str(one.get("practitioner", "")): str(one.get("name", ""))[:200] for one in items}
        return Known(practitioners, writes if isinstance(writes, bool) else None)

    def _ask(self, method: str, path: str, key: str = "", content: dict[str, Any] | None = None) -> Spoken:
        headers = {"Authorization": f"Bearer {self._place.token}"} | ({"Idempotency-Key": key} if key else {})
        spoken = self._place.ask(method, BASE + path, headers, content)
        if spoken.status in OK:
            return spoken
        raise _refused(spoken)


def _facts(visit: Visit) -> dict[str, Any]:
    facts = {
        "practitioner": visit.practitioner,
        "starts_at": visit.starts_at.isoformat(),
        "minutes": visit.minutes,
        "first_name": visit.first_name,
        "email": visit.email,
    }
    more = {"last_name": visit.last_name, "mobile": visit.mobile}
    return facts | {name: value for name, value in more.items() if value}


def _taken(spoken: Spoken) -> Taken:
    """Link and TAN. Without them it was taken and nobody could join, which the practice is to see."""
    content = spoken.content if isinstance(spoken.content, dict) else {}
    url, tan = content.get("join_url"), content.get("tan")
    if not (isinstance(url, str) and url.startswith(("https://", "http://")) and isinstance(tan, str)):
        raise NotTaken("answer", status=spoken.status, in_doubt=True)
    if len(url) > LONGEST or len(tan) > LONGEST or any(one <= " " for one in url):
        raise NotTaken("answer", status=spoken.status, in_doubt=True)
    return Taken(url, tan, content.get("overlaps") is True)


def _refused(spoken: Spoken) -> NotTaken:
    """What an answer means that is none of success, by status and the problem's code (RFC 9457)."""
    status, content = spoken.status, spoken.content
    code = content.get("code") if isinstance(content, dict) else None
    if status in (401, 403):
        return NotTaken("token", status=status)
    if status in (429, 503):
        return NotTaken("busy", status=status, later=spoken.later, in_doubt=status != 429)
    if status in FAULTS:
        return NotTaken("error", status=status, later=spoken.later, in_doubt=True)
    if status in REDIRECTS:
        return NotTaken("redirect", status=status)
    if not isinstance(code, str):
        # A page of somebody else's, or a machine between: no word of the interface.
        return NotTaken("interface", status=status)
    if status == 404 or code == "cancelled":
        return NotThere("refused", status=status)
    if code == "reference_taken":
        return AlreadyThere("refused", status=status)
    if code == "unknown_practitioner":
        return NotTaken("practitioner", status=status)
    return NotTaken("refused", status=status, is_final=True)
