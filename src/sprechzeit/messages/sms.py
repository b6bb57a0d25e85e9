"""SMS, through any gateway that takes them over HTTP (NOT-1). What is asked of one: docs/developers/sms.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sprechzeit.core.calls import NotReached, post
from sprechzeit.core.jobs import NotYet
from sprechzeit.core.peers import Network

SECONDS = 15
"""In which a gateway has to answer."""

OK, REDIRECTS = range(200, 300), range(300, 400)
NO_CREDENTIALS, ASKS_TO_WAIT = (401, 403), (429, 503)
WILL_NOT = (400, 404, 410, 413, 422)
"""Whatever is asked once more is answered the same: the number, or the text, is not taken."""


@dataclass(frozen=True, slots=True)
class Sms:
    """An SMS. `key` stays the same over retries, so that the gateway sends it once. `to`: a number in E.164."""

    key: str
    to: str
    text: str


class NotTaken(NotYet):
    """A gateway did not take an SMS. `code`: why; `is_final`: it never will."""

    def __init__(self, code: str, *, is_final: bool = False, after: timedelta = timedelta(0)) -> None:
        super().__init__(code, after)
        self.code, self.is_final = code, is_final


class SmsGate(Protocol):
    """What takes an SMS."""

    def send(self, sms: Sms) -> None:
        """Give it to the gateway. Raises `NotTaken`."""
        ...


@dataclass(frozen=True, slots=True)
class HttpGate:
    """A gateway at an address. `sign_in`: the header by which it knows the practice. `fields`: what it calls the
    number, the text and the sender.
    """

    url: str
    sign_in: Mapping[str, str]
    sender: str = ""
    fields: tuple[str, str, str] = ("to", "text", "from")
    named: Sequence[Network] = ()

    def send(self, sms: Sms) -> None:
        """One POST. Raises `NotTaken`."""
        number, text, sender = self.fields
        told = {number: sms.to, text: sms.text} | ({sender: self.sender} if self.sender else {})
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Sprechzeit-SMS/1",
            "Idempotency-Key": sms.key,
            **self.sign_in,
        }
        try:
            answer = post(self.url, json.dumps(told).encode(), headers, seconds=SECONDS, named=self.named)
        except NotReached as error:
            raise NotTaken({"address": "closed", "header": "credentials"}.get(error.code, error.code)) from None
        if answer.status in OK:
            return
        if answer.status in WILL_NOT:
            raise NotTaken("refused", is_final=True)
        if answer.status in NO_CREDENTIALS:
            raise NotTaken("credentials")
        if answer.status in REDIRECTS:
            raise NotTaken("redirect")
        raise NotTaken("status", after=answer.later if answer.status in ASKS_TO_WAIT else timedelta(0))
