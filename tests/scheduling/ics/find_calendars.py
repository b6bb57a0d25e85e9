"""Looks for calendars in the source packages of PyPI: `python find_calendars.py FOLDER [PACKAGE…]`.

Downloads into the folder, installs nothing, unpacks only `.ics` files. Read the package's licence before keeping one.
"""

import subprocess
import sys
import tarfile
from pathlib import Path

PACKAGES = ["icalendar", "recurring-ical-events", "vobject", "khal"]


def download(package: str, folder: Path) -> None:
    """Get the source package; one that cannot be had is passed over."""
    options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, package], check=False)


def unpack(archive: Path) -> int:
    """Write the archive's calendars beside it; their number."""
    target = archive.with_name(archive.name.removesuffix(".tar.gz"))
    count = 0
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member) if member.isfile() and member.name.endswith(".ics") else None
            if content:
                target.mkdir(exist_ok=True)
                (target / Path(member.name).name).write_bytes(content.read())
                count += 1
    return count


def main() -> None:
    folder = Path(sys.argv[1])
    for package in sys.argv[2:] or PACKAGES:
        download(package, folder)
    for archive in sorted(folder.glob("*.tar.gz")):
        print(f"{unpack(archive):4}  {archive.name}")


if __name__ == "__main__":
    main()
