"""Backups in S3-compatible storage: a real server, real failures (OPS-21)."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from sprechzeit.operations import jobs
from sprechzeit.operations.backup import bucket, late
from sprechzeit.operations.backup.bucket import Bucket
from sprechzeit.operations.backup.make import make_backup
from sprechzeit.operations.errors import CannotRun, StorageFailed
from tests.operations.conftest import installation
from tests.operations.program import command, free_port
from tests.support.cast import Cast, book
from tests.support.databases import Databases

pytestmark = [pytest.mark.own_database, pytest.mark.req("OPS-21")]


KEY = "sprechzeit"


@pytest.fixture
def storage() -> Iterator[Bucket]:
    """A bucket of a server that lives as long as the test."""
    # Parts of any size, so that a test needs fewer megabytes.
    environment = {**os.environ, "S3_UPLOAD_PART_MIN_SIZE": "1"}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.s3_server", KEY], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert server.stdout
        endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
        made = Bucket("sicherung", "praxis/", endpoint, "eu-central-1", True, KEY, "secret")
        made.client.create_bucket(Bucket="sicherung", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        yield made
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout:
            server.stdout.close()


def fail(storage: Bucket, **faults: float) -> None:
    """What goes wrong from now on; without any, nothing."""
    request = urllib.request.Request(f"{storage.endpoint}/_faults", json.dumps(faults).encode(), method="PUT")  # noqa: S310 - ours
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


def keys(storage: Bucket) -> list[str]:
    found = storage.client.list_objects_v2(Bucket=storage.name).get("Contents", [])
    return sorted(one["Key"].rsplit(".", 1)[1] for one in found)


def uploads(storage: Bucket) -> int:
    return len(storage.client.list_multipart_uploads(Bucket=storage.name).get("Uploads", []))


def variables(storage: Bucket) -> dict[str, str]:
    names = {"BUCKET": storage.name, "PREFIX": "/praxis", "ENDPOINT": storage.endpoint, "REGION": storage.region}
    names |= {"PATH_STYLE": "1", "ACCESS_KEY": KEY, "SECRET_KEY": "secret"}
    return {f"SPRECHZEIT_BACKUP_S3_{name}": value for name, value in names.items()}


@pytest.mark.long
def test_a_backup_goes_to_storage_in_parts_and_comes_back(
    cast: Cast,
    own_database: Databases,
    databases: Databases,
    place: Path,
    empty: str,
    storage: Bucket,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket, "PART_SIZE", 1 << 20)
    settings.BACKUP_BUCKET = storage
    assert Bucket.from_environment(variables(storage)) == storage
    book(cast.albers, "09:00", who="jonas", last_name="Çelik")
    photo = place / "data/documents/x"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(os.urandom(3_500_000))
    storage.client.create_multipart_upload(Bucket=storage.name, Key="praxis/sprechzeit-20260101-000000-aa.szbackup")
    assert (late.warn_if_late(timezone.now()), Client().get("/health").json()["backup"]) == (True, "late")

    settings.BACKUPS_KEPT = 1
    jobs.back_up(0)
    (first,) = storage.names()
    assert (keys(storage), uploads(storage)) == (["heads", "szbackup"], 0), "what a killed process left is given up"
    assert (late.warn_if_late(timezone.now()), Client().get("/health").json()["backup"]) == (False, "good")
    jobs.back_up(0)
    assert storage.names() == [first], "one a day"

    there = installation(databases, empty, place / "new") | variables(storage)
    listed = command("backup", "list", **there)
    assert f"s3://sicherung/praxis/{first}" in listed.stdout, listed.stderr
    fail(storage, cut=1_500_000)
    proved = command("backup", "verify", storage.address(first), **there)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    restored = command("restore", storage.address(first), **there)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert (place / "new/documents/x").read_bytes() == photo.read_bytes()
    missing = command("restore", storage.address("sprechzeit-nothing.szbackup"), **there)
    assert (missing.returncode, "not there" in missing.stderr) == (1, True)


def test_what_stands_in_the_way_of_storage_is_said_and_no_half_backup_counts(
    cast: Cast, own_database: Databases, place: Path, storage: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said in words; the parts are given up where the storage can still be asked, and never count."""
    monkeypatch.setattr(bucket, "PART_SIZE", 1 << 20)
    monkeypatch.setattr(bucket, "ATTEMPTS", 2)
    monkeypatch.setattr(bucket, "READ_SECONDS", 2)
    photo = Path(django_settings.DATA_DIR) / "documents/x"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(os.urandom(3_500_000))
    dead = f"http://127.0.0.1:{free_port()}"
    for trouble, words in (
        (replace(storage, access_key="somebody"), "refuses the access key"),
        (replace(storage, name="nobodys"), "not there"),
        (replace(storage, endpoint=dead), "does not answer"),
    ):
        with pytest.raises(StorageFailed, match=words):
            make_backup(trouble)
    asked = replace(storage)  # with the short patience
    for faults, words in (({"parts": 3}, "cannot do it now"), ({"slow": 5}, "does not answer")):
        fail(storage, **faults)
        with pytest.raises(StorageFailed, match=words):
            make_backup(asked)
        fail(storage)
        assert (keys(storage), asked.names(), uploads(storage)) == ([], [], 0)

    settings.BACKUP_BUCKET = replace(storage, endpoint=dead)
    with pytest.raises(CannotRun):
        jobs.back_up(0)
    assert late.warn_if_late(timezone.now())
    make_backup(asked)
    assert len(asked.names()) == 1
