"""S3-compatible storage as a process of its own, that can be told to fail: `python -m tests.support.s3_server KEY`.

It lets that one key in. `PUT /_faults` with JSON says what goes wrong from now on: `parts`: from this part on 503;
`slow`: seconds before each answer; `cut`: bytes after which the next object that is read breaks off, once.
"""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

Environ = dict[str, Any]
Start = Callable[..., Any]


class Storage:
    """The real application behind a door that can fail."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._inside = DomainDispatcherApplication(create_backend_app)
        self._faults: dict[str, float] = {}

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/_faults":
            self._faults = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            start("204 No Content", [])
            return []
        time.sleep(self._faults.get("slow", 0))
        if f"Credential={self._key}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self._refusal(start, "403 Forbidden", "InvalidAccessKeyId")
        part = parse_qs(environ["QUERY_STRING"]).get("partNumber", ["0"])[0]
        if "parts" in self._faults and int(part) >= self._faults["parts"]:
            return self._refusal(start, "503 Slow Down", "SlowDown")
        answer: Iterable[bytes] = self._inside(environ, start)
        if environ["REQUEST_METHOD"] == "GET" and "HTTP_IF_MATCH" in environ and "cut" in self._faults:
            return self._cut(answer, int(self._faults.pop("cut")))
        return answer

    def _refusal(self, start: Start, status: str, code: str) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/xml")])
        return [f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()]

    def _cut(self, answer: Iterable[bytes], after: int) -> Iterator[bytes]:
        yield b"".join(answer)[:after]
        raise ConnectionAbortedError


class Quiet(WSGIRequestHandler):
    """Tells nobody."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as its base names it
        """Nothing."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = make_server("127.0.0.1", 0, Storage(sys.argv[1]), threaded=True, request_handler=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
