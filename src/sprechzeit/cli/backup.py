"""`sprechzeit backup`, `backup verify`, `backup key` and `restore` (OPS-21). Light: what is heavy runs in a process."""

import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from sprechzeit.operations.backup.bucket import SCHEME, storage
from sprechzeit.operations.errors import BackupFailed, BackupUnreadable, NotRestored
from sprechzeit.operations.terminal import _

if TYPE_CHECKING:
    from sprechzeit.operations.installation import Installation

_MASTER = "SPRECHZEIT_MASTER_KEY"
_KEY_FILE = click.option(
    "--key", "key_file", type=click.Path(path_type=Path),
    help=_("The file with the recovery key, if it is not the key of this installation."),
)  # fmt: skip
_FILE = click.argument("file")


@click.group(invoke_without_command=True, help=_("Save everything, encrypted: the database, files, the log's heads."))
@click.option(
    "--to", "folder", type=click.Path(path_type=Path),
    help=_("A folder; by default where the settings say, else “backups” in the data folder."),
)  # fmt: skip
@click.pass_context
def backup(ctx: click.Context, folder: Path | None) -> None:
    if ctx.invoked_subcommand is not None:
        return
    installation = _installation()
    with installation.database() as variables:
        chosen = ["--to", str(folder.expanduser().resolve())] if folder else []
        sys.exit(_run(installation, ["make_backup", *chosen], variables))


@backup.command(help=_("Prove that a backup can be restored: to a scratch database, with all rows and a whole log."))
@_FILE
@_KEY_FILE
def verify(file: str, key_file: Path | None) -> None:
    installation = _installation()
    with _opened(file, installation) as opened:
        variables = _without_database(installation)
        variables[_MASTER] = _key_for(opened, variables, key_file)
        sys.exit(_run(installation, ["verify_backup", *_from(file)], variables, opened))


@backup.command(name="list", help=_("Show the backups that are there, the newest first."))
def show() -> None:
    installation = _installation()
    sys.exit(_run(installation, ["list_backups"], _without_database(installation)))


@backup.command(help=_("Show the recovery key. Without it no backup opens; with it and a backup everybody reads all."))
def key() -> None:
    from sprechzeit.operations.backup import keys

    master = _master(_without_database(_installation()))
    click.echo(master)
    click.echo(_("This is the recovery key %(id)s.") % {"id": keys.key_id(master).hex()}, err=True)
    click.echo(
        _("Print it, or put it where no backup lies: a safe, a password manager. Nobody can help who has lost it."),
        err=True,
    )


@click.command(help=_("Restore the backup FILE into an empty installation. Sends nothing old."))
@_FILE
@_KEY_FILE
def restore(file: str, key_file: Path | None) -> None:
    installation = _installation()
    with _opened(file, installation) as opened:
        variables = _without_database(installation)
        master, ours = _key_for(opened, variables, key_file), _master(variables)
        keep = []
        if master != ours:
            if {_MASTER, f"{_MASTER}_FILE"} & set(installation.given):
                raise NotRestored(
                    _("The backup was made with another key than the settings name. Set SPRECHZEIT_MASTER_KEY to it.")
                )
            keep = ["--keep-key", variables[f"{_MASTER}_FILE"]]
        with installation.database(alone=True) as found:
            sys.exit(_run(installation, ["restore_backup", *_from(file), *keep], {**found, _MASTER: master}, opened))


@click.command(
    name="restore-practice",
    help=_(
        "Bring the practice of an administrator's own backup FILE back, into an installation that does not have it."
    ),
)
@_FILE
def restore_practice(file: str) -> None:
    installation = _installation()
    with _opened(file, installation) as opened, installation.database() as variables:
        sys.exit(_run(installation, ["restore_practice"], variables, opened))


def _key_for(opened: IO[bytes], variables: Mapping[str, str], key_file: Path | None) -> str:
    """The key that the backup was made with: in the file, the installation's, or typed. Raises `BackupUnreadable`."""
    from sprechzeit.operations.backup import keys
    from sprechzeit.operations.backup.sealed import HEAD_BYTES, id_of

    wanted = id_of(opened.read(HEAD_BYTES))
    candidate = keys.typed(_text(key_file)) if key_file else _master(variables)
    if keys.key_id(candidate) != wanted and not key_file and sys.stdin.isatty():
        candidate = keys.typed(click.prompt(_("Recovery key of this backup (%(id)s)") % {"id": wanted.hex()}))
    if keys.key_id(candidate) != wanted:
        raise BackupUnreadable(
            _(
                "The backup was made with the key %(wanted)s; this one is %(given)s. "
                "Name the file with the recovery key: --key FILE"
            )
            % {"wanted": wanted.hex(), "given": keys.key_id(candidate).hex()}
        )
    return candidate


def _run(
    installation: "Installation", command: list[str], variables: Mapping[str, str], file: IO[bytes] | None = None
) -> int:
    """Run a command as the user of the program, so that what it writes belongs to that user. Its exit status."""
    account = installation.program_account()
    done = subprocess.run(
        [sys.executable, "-m", "django", *command],
        stdin=file if isinstance(file, io.FileIO) else subprocess.DEVNULL,
        cwd="/",
        env=dict(variables),
        check=False,
        **account.process(),
    )
    return done.returncode


def _without_database(installation: "Installation") -> dict[str, str]:
    """The variables with the keys, made if there are none; no database is needed."""
    return installation.variables(None, installation.program_account(), without_database=True)


def _master(variables: Mapping[str, str]) -> str:
    given = variables.get(_MASTER)
    return given or _text(Path(variables[f"{_MASTER}_FILE"])).strip()


def _from(file: str) -> list[str]:
    return ["--from", file] if file.startswith(SCHEME) else []


def _opened(name: str, installation: "Installation") -> IO[bytes]:
    """A file, or what lies in the storage."""
    if name.startswith(SCHEME):
        return storage(installation.given).opened(name)
    file = Path(name)
    try:
        return file.open("rb", buffering=0)
    except OSError as error:
        raise _unread(file, error) from error


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise _unread(file, error) from error


def _unread(file: Path, error: Exception) -> BackupFailed:
    reason = getattr(error, "strerror", None) or str(error)
    return BackupFailed(_("%(file)s cannot be read (%(reason)s).") % {"file": file, "reason": reason})


def _installation() -> "Installation":
    from sprechzeit.operations.installation import Installation

    return Installation.from_environment()
