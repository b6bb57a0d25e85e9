"""Third-party files of the user interface: pinned, fetched from npm, verified by checksum.

`python -m sprechzeit.ui.vendor` fetches and writes them; `--check` compares what is committed with the recorded
checksums and, where npm is there, with a fresh copy of each package. Nothing of npm is needed to run Sprechzeit.
"""

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOM = Path(__file__).resolve().parent
ROOT = ROOM.parents[2]
RECORD = ROOM / "vendor.json"
ASSETS = "src/sprechzeit/ui/static/ui/vendor"
ICON_FOLDER = "src/sprechzeit/ui/icons"
LICENCES = f"{ASSETS}/LICENSES.md"

ICONS = """
archive arrow-down arrow-left-right arrow-right arrow-up badge-check ban bell-ring building-2 calendar calendar-clock
calendar-days calendar-off calendar-plus calendar-sync calendar-x check check-check chevron-down chevron-left
chevron-right circle-alert circle-check circle-dot clock coffee columns-3 copy credit-card door-open download eraser
external-link eye file-text folder-open git-merge globe history hourglass house inbox info key layers leaf link list
list-checks lock log-out mail map-pin message-square mic mic-off monitor monitor-up moon move notebook-pen
party-popper phone play plus printer rotate-ccw search send settings settings-2 share-2 shield-alert sun timer trash-2
triangle-alert undo-2 user user-pen user-plus user-x users video video-off volume-2 wifi wifi-off x
""".split()  # noqa: SIM905  one name a word reads better


class VendorError(Exception):
    """A vendored file or package is not the one that was recorded."""


@dataclass(frozen=True)
class Package:
    """One npm package: `files` maps paths in the package to paths in the repository."""

    name: str
    version: str
    licence: str
    use: str
    files: dict[str, str] = field(default_factory=dict)
    licence_file: str = "LICENSE"

    @property
    def spec(self) -> str:
        """What npm calls this package at this version."""
        return f"{self.name}@{self.version}"


PACKAGES = (
    Package("htmx.org", "4.0.1", "0BSD", "Fragments of pages", {"dist/htmx.min.js": f"{ASSETS}/htmx.min.js"}),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        "Typeface",
        {
            "files/inter-latin-wght-normal.woff2": f"{ASSETS}/inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": f"{ASSETS}/inter-latin-ext.woff2",
        },
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "ISC",
        "Icons",
        {f"icons/{name}.svg": f"{ICON_FOLDER}/{name}.svg" for name in ICONS},
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "Accessibility checks; used by the tests only, not shipped",
        {"axe.min.js": "tests/ui/vendor/axe.min.js"},
    ),
    Package(
        "ical.js",
        "2.2.1",
        "MPL-2.0",
        "A calendar program's reader; used by the tests only, not shipped",
        {"dist/ical.es5.min.cjs": "tests/messages/vendor/ical.min.cjs"},
    ),
)


def sha256(content: bytes) -> str:
    """The hexadecimal SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()


def integrity(archive: Path) -> str:
    """The archive's checksum in the form npm publishes it (Subresource Integrity, SHA-512)."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def fetch(package: Package, folder: Path) -> Path:
    """Let npm pack the package into `folder`; gives the archive."""
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm is needed to fetch packages.")
    command = [npm, "pack", package.spec, "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    packed = subprocess.run(command, check=False, capture_output=True, text=True)
    if packed.returncode:
        raise VendorError(f"npm could not pack {package.spec}: {packed.stderr.strip()}")
    return folder / packed.stdout.split()[-1]


def contents(package: Package, archive: Path) -> Iterator[tuple[str, bytes]]:
    """Each wanted file of the package: its path in the repository and its bytes."""
    with tarfile.open(archive) as tar:
        for inside, outside in package.files.items():
            yield outside, _member(tar, inside)


def licence_text(package: Package, archive: Path) -> str:
    """The licence text the package carries."""
    with tarfile.open(archive) as tar:
        return _member(tar, package.licence_file).decode()


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(f"package/{name}")
    if member is None:
        raise VendorError(f"{name} is not a file of the package.")
    return member.read()


def update() -> None:
    """Fetch every package, write its files and the licences, record the checksums."""
    record: dict[str, dict[str, str]] = {"packages": {}, "files": {}}
    licences = ["# Licences of vendored files", "", "Written by `python -m sprechzeit.ui.vendor`."]
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            archive = fetch(package, Path(folder))
            record["packages"][package.spec] = integrity(archive)
            for outside, content in contents(package, archive):
                target = ROOT / outside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                record["files"][outside] = sha256(content)
            licences += ["", f"## {package.spec}: {package.licence}", "", package.use + ".", "", "```text"]
            licences += [licence_text(package, archive).strip(), "```"]
    written = "\n".join(licences) + "\n"
    (ROOT / LICENCES).write_text(written)
    record["files"][LICENCES] = sha256(written.encode())
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


def check(*, refetch: bool, root: Path = ROOT) -> list[str]:
    """What below `root` differs from the record, with `refetch` also in the published packages. Empty: all is well."""
    record = json.loads(RECORD.read_text())
    wanted = {outside for package in PACKAGES for outside in package.files.values()} | {LICENCES}
    faults = [f"{path}: recorded but not wanted, or wanted but not recorded" for path in wanted ^ set(record["files"])]
    for path, checksum in record["files"].items():
        file = root / path
        if not file.is_file():
            faults.append(f"{path}: missing")
        elif sha256(file.read_bytes()) != checksum:
            faults.append(f"{path}: not the recorded content")
    return faults + (_published(record) if refetch else [])


def _published(record: dict[str, dict[str, str]]) -> list[str]:
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            archive = fetch(package, Path(folder))
            if integrity(archive) != record["packages"].get(package.spec):
                faults.append(f"{package.spec}: the published package is not the recorded one")
            for outside, content in contents(package, archive):
                if sha256(content) != record["files"].get(outside):
                    faults.append(f"{outside}: the published file is not the recorded one")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sprechzeit.ui.vendor", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, report what differs")
    parser.add_argument("--offline", action="store_true", help="with --check: do not ask npm")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            update()
            return 0
        faults = check(refetch=not options.offline and shutil.which("npm") is not None)
    except VendorError as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
