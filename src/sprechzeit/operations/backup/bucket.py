"""Backups in S3-compatible storage: sent in parts as they are made, and there as a whole or not at all."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from sprechzeit.operations.backup import HEADS_SUFFIX, SUFFIX
from sprechzeit.operations.errors import Misconfigured, StorageFailed
from sprechzeit.operations.terminal import _

SCHEME = "s3://"
# Bytes of a part: storage takes 10,000 of them, so they grow by this much after each thousand (to 880 GiB in all).
PART_SIZE, PARTS_OF_A_SIZE = 16 << 20, 1000
# Seconds until somebody must have answered; how often it is tried; and anew when what is read breaks off.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 60, 4


@dataclass(frozen=True)
class Bucket:
    """A bucket, or what of it begins with `prefix`, which is of one installation alone.

    Without a key boto3 looks where it always does: the machine's role, `AWS_…`.
    """

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    path_style: bool = False
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, given: Mapping[str, str]) -> "Bucket | None":
        """What `SPRECHZEIT_BACKUP_S3_…` says; None where no bucket is named."""

        def said(name: str) -> str:
            file = given.get(f"SPRECHZEIT_BACKUP_S3_{name}_FILE")
            return given.get(f"SPRECHZEIT_BACKUP_S3_{name}") or (Path(file).read_text().strip() if file else "")

        prefix = said("PREFIX").strip("/")
        bucket = cls(
            name=said("BUCKET"),
            prefix=f"{prefix}/" if prefix else "",
            endpoint=said("ENDPOINT"),
            region=said("REGION"),
            path_style=said("PATH_STYLE") in ("1", "yes", "true", "on"),
            access_key=said("ACCESS_KEY"),
            secret_key=said("SECRET_KEY"),
        )
        return bucket if bucket.name else None

    def __str__(self) -> str:
        return f"{SCHEME}{self.name}/{self.prefix}"

    @cached_property
    def client(self) -> Any:
        """Made where it is needed: most processes never do."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint or None,
            region_name=self.region or None,
            aws_access_key_id=self.access_key or None,
            aws_secret_access_key=self.secret_key or None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                s3={"addressing_style": "path" if self.path_style else "auto", "payload_signing_enabled": True},
                # Storage of other makers does not know Amazon's newer checksums; each part is signed with its digest.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def prepare(self) -> None:
        """See that it is there and lets us in."""
        with self.asking():
            self.client.list_objects_v2(Bucket=self.name, Prefix=self.prefix, MaxKeys=1)

    def remove_halves(self) -> None:
        """Give up uploads that a killed process left: nobody sees them, and they are paid for."""
        with self.asking():
            pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name, Prefix=self.prefix)
            for upload in [one for page in pages for one in page.get("Uploads", ())]:
                if self._is_ours(upload["Key"]):
                    self.client.abort_multipart_upload(Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"])

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator["HalfUpload"]:
        """As parts of an upload that nobody sees before it is completed."""
        half = HalfUpload(self, name)
        try:
            yield half
        finally:
            half.give_up()

    def names(self) -> Sequence[str]:
        """Raises `StorageFailed` when it cannot be asked."""
        with self.asking():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix)
            keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return sorted((key.removeprefix(self.prefix) for key in keys if self._is_ours(key)), reverse=True)

    def address(self, name: str) -> str:
        """As `s3://bucket/prefix/name`."""
        return f"{self}{name}"

    def remove(self, name: str) -> None:
        """With the heads beside it."""
        with self.asking():
            for each in (name, name.removesuffix(SUFFIX) + HEADS_SUFFIX):
                self.client.delete_object(Bucket=self.name, Key=self.prefix + each)

    def trouble(self, error: OSError) -> str:
        """Of this machine, not of the storage."""
        return _("No backup was made: %(reason)s.") % {"reason": error.strerror or str(error)}

    def opened(self, address: str) -> IO[bytes]:
        """The backup at an address such as `s3://bucket/name`, to be read from any place. Raises `StorageFailed`."""
        bucket, _slash, key = address.removeprefix(SCHEME).partition("/")
        with self.asking():
            where = {"Bucket": bucket, "Key": key}
            head = self.client.head_object(**where)
        return io.BufferedReader(_Object(self, where, head["ContentLength"], head["ETag"]), 1 << 20)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Say in words what the storage, or the way to it, refuses."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            yield
        except ClientError as error:
            raise StorageFailed(self._refused(error.response)) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise StorageFailed(
                _("The storage %(storage)s does not answer as it should (%(reason)s). Look at its address and the way "
                  "there, then try again.") % {"storage": self._address, "reason": " ".join(str(error).split())}
            ) from error  # fmt: skip

    @property
    def _address(self) -> str:
        return f"{self} ({self.endpoint})" if self.endpoint else str(self)

    def _refused(self, answer: Mapping[str, Any]) -> str:
        code, status = str(answer["Error"].get("Code", "")), answer["ResponseMetadata"].get("HTTPStatusCode", 0)
        facts = {"storage": self._address, "code": code or status}
        if code in ("NoSuchKey", "404", "NoSuchBucket"):
            return _("%(storage)s: what is asked for is not there (%(code)s). Look at bucket, prefix and name.") % facts
        if status in (401, 403) or code.startswith(("InvalidAccess", "InvalidToken", "Signature", "Authorization")):
            return (
                _(
                    "The storage %(storage)s refuses the access key (%(code)s). Look at key, secret and region, and at "
                    "what the key may do: list, read, write, delete."
                )
                % facts
            )
        return _("The storage %(storage)s cannot do it now (%(code)s). Try again later.") % facts

    def _is_ours(self, key: str) -> bool:
        name = key.removeprefix(self.prefix)
        return name.startswith("sprechzeit-") and name.endswith(SUFFIX) and "/" not in name


def storage(given: Mapping[str, str]) -> Bucket:
    """What the settings say. Raises `Misconfigured`."""
    bucket = Bucket.from_environment(given)
    if bucket is None:
        raise Misconfigured(_("%(name)s is missing.") % {"name": "SPRECHZEIT_BACKUP_S3_BUCKET"})
    return bucket


def opened(address: str) -> IO[bytes]:
    """The backup at an address in the storage; without one what comes at standard input."""
    return storage(os.environ).opened(address) if address else sys.stdin.buffer


class HalfUpload(io.RawIOBase):
    """An upload that is being made: at most one part of it is in memory."""

    def __init__(self, bucket: Bucket, name: str) -> None:
        self._bucket, self._name = bucket, name
        self._where = {"Bucket": bucket.name, "Key": bucket.prefix + name}
        self._parts: list[dict[str, Any]] = []
        self._waiting, self._size, self._is_over = bytearray(), 0, False
        self.out = cast(IO[bytes], self)
        with bucket.asking():
            begun = bucket.client.create_multipart_upload(**self._where)
        self._upload = {**self._where, "UploadId": begun["UploadId"]}

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Keep it until there is enough for a part."""
        self._waiting += data
        if len(self._waiting) >= PART_SIZE * (1 + len(self._parts) // PARTS_OF_A_SIZE):
            self._send()
        return len(data)

    def finish(self, heads: str) -> tuple[str, int]:
        """Where it lies, and its size in bytes. The heads come first: when the backup is there, all of it is."""
        self._send()
        beside = self._name.removesuffix(SUFFIX) + HEADS_SUFFIX
        client = self._bucket.client
        with self._bucket.asking():
            client.put_object(Bucket=self._bucket.name, Key=self._bucket.prefix + beside, Body=heads.encode())
            client.complete_multipart_upload(**self._upload, MultipartUpload={"Parts": self._parts})
        self._is_over = True
        return self._bucket.address(self._name), self._size

    def give_up(self) -> None:
        """Unless it is finished. Storage that is away keeps the parts until the next backup; they never count."""
        if self._is_over:
            return
        with contextlib.suppress(StorageFailed), self._bucket.asking():
            self._bucket.client.abort_multipart_upload(**self._upload)
            self._bucket.remove(self._name)

    def _send(self) -> None:
        number = len(self._parts) + 1
        with self._bucket.asking():
            sent = self._bucket.client.upload_part(**self._upload, PartNumber=number, Body=bytes(self._waiting))
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._size += len(self._waiting)
        self._waiting.clear()


class _Object(io.RawIOBase):
    """What lies there, read from any place, and on from there when the way to it broke."""

    def __init__(self, bucket: Bucket, where: Mapping[str, str], size: int, etag: str) -> None:
        self._bucket, self._where, self._size, self._etag = bucket, where, size, etag
        self._place, self._body = 0, None  # type: int, Any

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """To a place from the beginning, from here, or from the end."""
        self._place = place + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._let_go()
        return self._place

    def readinto(self, buffer: Any) -> int:
        """As much as came; 0 at the end."""
        if self._place >= self._size:
            return 0
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._bucket.asking():
                    data = self._stream().read(len(buffer))
                    if not data:
                        raise _BrokenOff
                break
            except StorageFailed:
                self._let_go()
                if attempt == ATTEMPTS:
                    raise
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _stream(self) -> Any:
        if self._body is None:
            # Another object of the same name is another backup.
            got = self._bucket.client.get_object(**self._where, Range=f"bytes={self._place}-", IfMatch=self._etag)
            self._body = got["Body"]
        return self._body

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class _BrokenOff(StorageFailed):
    """The end came before the end."""

    def __init__(self) -> None:
        super().__init__(_("The storage broke off in the middle of the backup. Try again."))
