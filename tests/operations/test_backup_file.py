"""The file of a backup under attack, and when backups are due; without any database."""

import io
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from sprechzeit.cli.backup import backup
from sprechzeit.cli.backup import restore as restore_command
from sprechzeit.operations.backup import files, keys, restore, schedule, sealed
from sprechzeit.operations.backup.archive import Backup, Manifest, Packing
from sprechzeit.operations.backup.folder import Folder
from sprechzeit.operations.errors import BackupFailed, BackupUnreadable, Differs, NotRestored

pytestmark = pytest.mark.req("OPS-21")
MASTER, BERLIN = "the key of the practice", ZoneInfo("Europe/Berlin")
MANIFEST = Manifest("1", "2026-11-22T02:30:00+00:00", 180000, [], {"patients_patient": 2}, {}, 1)


def packed(*contents: tuple[str, bytes], master: str = MASTER) -> bytes:
    out = io.BytesIO()
    packing = Packing(out, master)
    packing.add_manifest(MANIFEST)
    for name, content in contents:
        packing.add(name, [content[:3], content[3:]])
    packing.finish()
    return out.getvalue()


def opened(file: bytes, master: str = MASTER) -> Backup:
    return Backup(io.BytesIO(file), master)


def contents(backup: Backup) -> dict[str, bytes]:
    return {name: b"".join(frames) for name, frames in backup.parts()}


def test_what_was_packed_comes_back_whatever_its_length() -> None:
    for length in (0, 1, sealed.CHUNK - 300, sealed.CHUNK, 2 * sealed.CHUNK + 7):
        backup = opened(packed(("database", b"x" * length), ("documents/Müller/Röntgen ß.pdf", b"\xc3\xa4")))
        found = contents(backup)
        assert (found["database"], backup.manifest) == (b"x" * length, MANIFEST)
        assert found["documents/Müller/Röntgen ß.pdf"] == b"\xc3\xa4"
        assert b"database" not in packed(("database", b""))


def test_one_byte_changed_anywhere_is_found() -> None:
    whole = packed(("database", b"Paula Sommer"))
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(BackupUnreadable):
            opened(bytes(changed))


def test_what_is_cut_off_swapped_repeated_or_added_is_found() -> None:
    size = sealed.CHUNK + sealed.TAG_BYTES
    whole, other = (packed(("database", letter * 3 * sealed.CHUNK)) for letter in (b"a", b"b"))
    head, first, second, rest = (
        whole[: sealed.HEAD_BYTES],
        *(whole[sealed.HEAD_BYTES + i * size :][:size] for i in (0, 1)),
        whole[sealed.HEAD_BYTES + 2 * size :],
    )
    assert opened(head + first + second + rest).manifest == MANIFEST
    attacks = {
        "cut by one chunk": whole[: sealed.HEAD_BYTES + 3 * size],
        "cut by one byte": whole[:-1],
        "nothing but the head": head,
        "cut within the head": whole[:20],
        "empty": b"",
        "swapped": head + second + first + rest,
        "repeated": head + first + first + second + rest,
        "left out": head + first + rest,
        "of another backup": head + other[sealed.HEAD_BYTES :][:size] + second + rest,
        "added": whole + b"x",
        "another behind it": whole + other,
        "another program's": b"PK\x03\x04" + whole,
    }
    for file in attacks.values():
        with pytest.raises(BackupUnreadable):
            opened(file)


def test_another_key_is_named_and_a_later_format_too() -> None:
    with pytest.raises(BackupUnreadable, match=keys.key_id(MASTER).hex()):
        opened(packed(), "another key")
    later = bytearray(packed())
    later[7] = 2
    with pytest.raises(BackupUnreadable, match="newer version"):
        opened(bytes(later))
    assert keys.typed(" the key\n of the\tpractice ") == "thekeyofthepractice"


def test_a_backup_of_a_later_version_and_one_that_says_what_is_not_so_are_refused() -> None:
    unknown = Manifest("9.1", "", 180000, [["patients", "0999_later"]], {}, {}, 0)
    with pytest.raises(NotRestored, match=r"version 9\.1"):
        restore.require_not_newer(unknown)
    assert restore.require_not_newer(MANIFEST), "one that lacks migrations is older"
    with pytest.raises(Differs, match="patients_patient: 1; the backup says: 2"):
        restore.compare({"accounts_user": 1, "patients_patient": 2}, {"patients_patient": 1, "accounts_user": 1})


def test_files_stay_within_their_folders_and_nothing_is_written_over(tmp_path: Path) -> None:
    assert files.put_file(tmp_path, "documents/ä/Brief.pdf", [b"neu"])
    assert not files.put_file(tmp_path, "documents/ä/Brief.pdf", [b"anders"])
    assert (tmp_path / "documents/ä/Brief.pdf").read_bytes() == b"neu"
    for name in ("documents/../keys/master_key", "/etc/passwd", "keys/master_key", "documents", "log/../../x"):
        with pytest.raises(BackupUnreadable):
            files.put_file(tmp_path, name, [b"x"])


def test_the_key_of_a_backup_becomes_the_installations_and_the_former_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master_key"
    for master in ("made at the first start", MASTER, MASTER):
        keys.keep_master(file, master)
    assert (file.read_text(), oct(file.stat().st_mode)[-3:]) == (MASTER, "600")
    assert (file.parent / "master_key.before-restore").read_text() == "made at the first start"


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-22T00:00", True),
        ("2026-11-21T01:30", "2026-11-22T01:29", False),  # 02:29 in Berlin
        ("2026-11-21T01:30", "2026-11-22T01:30", True),
        ("2026-11-22T01:30", "2026-11-22T23:59", False),
        ("2026-11-18T01:30", "2026-11-22T00:10", True),  # the machine was off
        ("2026-10-25T00:29", "2026-10-25T00:31", True),  # the night with 02:30 twice: once
        ("2026-10-25T00:31", "2026-10-25T01:31", False),
        ("2026-03-28T01:30", "2026-03-29T01:31", True),  # the night without 02:30
    ],
)
def test_a_backup_is_due_once_a_day_at_its_time(last: str | None, now: str, due: bool) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert schedule.is_due(instant(last) if last else None, time(2, 30), instant(now), BERLIN) is due


def test_the_newest_stay_and_the_folder_tells_when_the_last_good_one_was_made(tmp_path: Path) -> None:
    names = [f"sprechzeit-202611{day:02}-023000-abcdef" for day in (3, 20, 21, 22)]
    for name in names:
        for suffix in (".szbackup", ".heads"):
            (tmp_path / f"{name}{suffix}").touch()
    for stranger in ("sprechzeit-20261125-023000-77.part", "notes.txt"):
        (tmp_path / stranger).touch()
    last = schedule.last_made_at(Folder(tmp_path))
    assert last == datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    assert not schedule.is_late(last, last + timedelta(days=2))
    assert schedule.is_late(last, last + timedelta(days=2, seconds=1))
    assert schedule.is_late(schedule.last_made_at(Folder(tmp_path / "unplugged")), last)
    schedule.remove_old(Folder(tmp_path), 2)
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == sorted([f"{name}{s}" for name in names[2:] for s in (".heads", ".szbackup")]
                          + ["notes.txt", "sprechzeit-20261125-023000-77.part"])  # fmt: skip


def test_the_recovery_key_is_shown_and_another_one_is_refused_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Sicherung ä.szbackup").write_bytes(packed())
    (tmp_path / "key").write_text("a wrong\nkey")
    monkeypatch.setenv("SPRECHZEIT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SPRECHZEIT_MASTER_KEY", MASTER)
    shown = CliRunner().invoke(backup, ["key"])
    assert shown.output.startswith(MASTER)
    assert keys.key_id(MASTER).hex() in shown.output
    for command, arguments in ((backup, ["verify"]), (restore_command, [])):
        refused = CliRunner().invoke(
            command, [*arguments, str(tmp_path / "Sicherung ä.szbackup"), "--key", str(tmp_path / "key")]
        )
        assert isinstance(refused.exception, BackupUnreadable)
        assert "--key FILE" in str(refused.exception)
    missing = CliRunner().invoke(restore_command, [str(tmp_path / "nothing")])
    assert isinstance(missing.exception, BackupFailed)
