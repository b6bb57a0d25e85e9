"""Every text a person reads is translatable and has its German (docs/developers/translations.md).

`check_translations.py` says what is missing and ends with 1; `--update` brings the catalogue up to the source first.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main(arguments: list[str]) -> int:
    """The number of the exit: 0 when nothing is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprechzeit.config.settings")
    import django

    django.setup()
    from tests.tools.translations import catalogue, literals

    if "--update" in arguments:
        catalogue.update()
    found = [*literals.problems(), *catalogue.problems()]
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"Translations: {len(found)} problems." if found else "Translations: complete.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
