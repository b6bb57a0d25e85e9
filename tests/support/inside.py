"""The reading calls without the door: to be replaced by the portal."""

import json as _json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from ninja.errors import ValidationError
from ninja.testing import TestClient
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import DomainError
from sprechzeit.partners import reading
from tests.support.partners import registered
from sprechzeit.practice.models import Reading

_client = TestClient(reading.router)


@dataclass
class Answer:
    status: int
    body: bytes

    @property
    def json(self):
        return _json.loads(self.body)

    @property
    def code(self):
        return self.json["code"]


class Portal:
    def __init__(self, house, name="TerminFinder", *, reads=tuple(Reading), actor=None, language=""):
        self.house = house
        self.actor = actor or registered(house, name, reads=[str(one) for one in reads])

    def _ask(self, method, path, **more):
        try:
            with acting(self.actor):
                got = _client.request(method, path, actor=self.actor, **more)
        except DomainError as e:
            return Answer(e.status, _json.dumps({"code": e.code, "detail": str(e)}).encode())
        return Answer(got.status_code, got.content)

    def get(self, path, /, **query):
        named = {name.rstrip("_"): value for name, value in query.items()}
        return self._ask("GET", path + (f"?{urlencode(named)}" if named else ""))

    def post(self, path, /, data=None, *, key=""):
        return self._ask("POST", path, json=data)
