"""One installation, before Django: where its data lies, its database, its keys (docs/operators/settings.md)."""

import base64
import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sprechzeit.operations.account import HOME, Account, server_account
from sprechzeit.operations.embedded import Cluster
from sprechzeit.operations.errors import AlreadyRunning, Misconfigured
from sprechzeit.operations.places import own_folder
from sprechzeit.operations.terminal import _

URLS = {
    "app": "SPRECHZEIT_DATABASE_URL",
    "owner": "SPRECHZEIT_DATABASE_OWNER_URL",
    "backup": "SPRECHZEIT_DATABASE_BACKUP_URL",
}
KEYS: dict[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_urlsafe(50),
    "master_key": lambda: base64.b64encode(os.urandom(32)).decode(),
}


@dataclass(frozen=True)
class Installation:
    """What the environment says. `database_url` is None when the database is the embedded one."""

    data_dir: Path
    host: str
    port: int
    web_workers: int
    database_url: str | None
    demo: bool
    given: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls, given: Mapping[str, str] | None = None) -> "Installation":
        """Read `SPRECHZEIT_*` and `PORT`. Raises `Misconfigured`."""
        env = os.environ if given is None else given
        url = env.get(URLS["app"]) or None
        default = HOME if os.geteuid() == 0 else Path.home() / ".local/share/sprechzeit"
        return cls(
            data_dir=Path(env.get("SPRECHZEIT_DATA_DIR") or default).expanduser().resolve(),
            host=env.get("SPRECHZEIT_HOST") or "127.0.0.1",
            port=_number(env, 1, 65535, "PORT", "SPRECHZEIT_PORT", default=8000),
            web_workers=_number(env, 1, 64, "SPRECHZEIT_WEB_WORKERS", default=2),
            database_url=url,
            # A database of one's own is for real patients; the embedded one is what people try it with.
            demo=env.get("SPRECHZEIT_DEMO", "0" if url else "1") not in ("0", "no", "false", ""),
            given=env,
        )

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    def cluster(self) -> Cluster:
        """The embedded PostgreSQL of this installation."""
        return Cluster(self.data_dir / "postgres")

    def variables(self, cluster: Cluster | None, account: Account, *, without_database: bool = False) -> dict[str, str]:
        """The environment for everything that runs Django. Makes the data folder and the keys at the first time."""
        # PostgreSQL may run as another user than the program, and must come through to its own folder below.
        own_folder(self.data_dir, account, 0o711)
        own_folder(self.data_dir / "mail", account)
        found = dict(self.given)
        if cluster is not None:
            found |= {name: cluster.url(role) for role, name in URLS.items()}
        if not without_database:
            found.setdefault("SPRECHZEIT_DATABASE_LISTEN_URL", found[URLS["app"]])
        found |= {
            "DJANGO_SETTINGS_MODULE": "sprechzeit.config.settings",
            "SPRECHZEIT_DATA_DIR": str(self.data_dir),
            "SPRECHZEIT_HOST": self.host,
            "SPRECHZEIT_PORT": str(self.port),
            "SPRECHZEIT_WEB_WORKERS": str(self.web_workers),
        }
        for name in KEYS:
            setting = f"SPRECHZEIT_{name.upper()}"
            if setting not in found:
                found.setdefault(f"{setting}_FILE", str(self._kept_key(name, account)))
        return found

    def _kept_key(self, name: str, account: Account) -> Path:
        folder = self.data_dir / "keys"
        own_folder(folder, account)
        file = folder / name
        if not file.exists():
            scratch = folder / f"{name}.new"
            scratch.unlink(missing_ok=True)
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(KEYS[name]())
                out.flush()
                # The master key must be on the disk before anything is sealed with it.
                os.fsync(out.fileno())
            scratch.rename(file)
        account.own(file, 0o600)
        return file

    def program_account(self) -> Account:
        """Who web and workers run as: for root the system user, so that a hole in a page is not root's.

        Where that user can read neither Python nor the data (below a 0700 home), root itself has to do.
        """
        account = server_account()
        # PostgreSQL may run as another user than the program, and must come through to its own folder below.
        own_folder(self.data_dir, account, 0o711)
        own_folder(self.data_dir / "mail", account)
        if account.other and not (_runs_python(account) and account.reaches(self.data_dir)):
            return Account(os.geteuid(), os.getegid(), other=False)
        return account

    @contextlib.contextmanager
    def database(self, *, alone: bool = False) -> Iterator[dict[str, str]]:
        """The variables for one command: with the database given, the one running, or one started for its time.

        `alone`: raises `AlreadyRunning` instead of using the one that runs.
        """
        if self.database_url:
            yield self.variables(None, self.program_account())
            return
        account, cluster = self.program_account(), self.cluster()
        try:
            cluster.start()
        except AlreadyRunning:
            if alone:
                raise
            cluster.attach()
            yield self.variables(cluster, account)
            return
        try:
            yield self.variables(cluster, account)
        finally:
            cluster.stop()


def _runs_python(account: Account) -> bool:
    command = [sys.executable, "-c", "import django, sprechzeit.config"]
    try:
        tried = subprocess.run(command, cwd="/", check=False, capture_output=True, **account.process())
    except PermissionError:
        return False
    return tried.returncode == 0


def _number(env: Mapping[str, str], least: int, most: int, *names: str, default: int) -> int:
    for name in names:
        if text := env.get(name):
            if not text.isdecimal() or not least <= int(text) <= most:
                raise Misconfigured(
                    _("%(name)s is “%(text)s”; it must be a number from %(least)s to %(most)s.")
                    % {"name": name, "text": text, "least": least, "most": most}
                )
            return int(text)
    return default
