"""A small HTTP/1.1 client over asyncio streams, so that two cores are left to what is measured."""

import asyncio
import time
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many milliseconds."""

    status: int
    location: str
    body: bytes
    milliseconds: float


class Visitor:
    """One browser's connection, kept alive. `number` gives it an address of its own."""

    def __init__(self, url: str, number: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._writer.close()

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, **fields: str) -> Answer:
        return await self._ask("POST", path, urlencode(fields).encode())

    async def _ask(self, method: str, path: str, content: bytes) -> Answer:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nX-Forwarded-For: {self._address}\r\n"
            "Accept-Language: de\r\n"
        )
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}\r\n"
        begin = time.perf_counter()
        self._writer.write(head.encode() + b"\r\n" + content)
        status, headers = await self._head()
        body = await self._body(headers)
        return Answer(status, headers.get("location", ""), body, (time.perf_counter() - begin) * 1000)

    async def _head(self) -> tuple[int, dict[str, str]]:
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines if line)
        return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _colon, value in fields}

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self._reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readexactly(2)
        return body
