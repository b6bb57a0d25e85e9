"""What can go wrong in the domain. An error names the situation and says to a person what to do."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal that a person can understand. `code` is stable; `message` is translated when it is shown."""

    code = "refused"
    status = 422
    message: str | Promise = _("This is not possible.")

    def __init__(self, message: str | Promise | None = None, **details: Any) -> None:
        if message is not None:
            self.message = message
        self.details: Mapping[str, Any] = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    """Not there, or not visible to who asks: the two cannot be told apart (ACC-6)."""

    code = "not_found"
    status = 404
    message = _("We could not find this.")


class NotAllowed(DomainError):
    """The thing is visible, what was asked of it is not allowed to this role (ACC-7). `way_on`: a page to go to."""

    code = "not_allowed"
    status = 403
    way_on = ""
    message = _("Your role does not allow this. An administrator of your practice can change that.")


class Moved(DomainError):
    """It is the same thing as another one now: `now` stands where `former` did. Whoever only looks is led there."""

    code = "moved"
    status = 409
    message = _("This has become one with another record meanwhile. Nothing was saved. Please open it again.")

    def __init__(self, former: UUID, now: UUID) -> None:
        self.former, self.now = former, now
        super().__init__()


class TooMany(DomainError):
    """A limit against abuse was reached (BOO-8). `retry_after` in seconds."""

    code = "too_many"
    status = 429
    message = _("Too many attempts. Please try again later or call the practice.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)
