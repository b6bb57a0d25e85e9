"""For every action on files of patients: somebody whom it refuses."""

from collections.abc import Callable
from typing import Any

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.patients.actions import import_check, import_run, imports
from sprechzeit.patients.errors import BadLines, ImportBegun, UnusableList
from sprechzeit.patients.import_lines import Twins
from tests.support.cast import House

COLUMNS = {0: "last_name", 1: "first_name"}


def of_imports(house: House, refusal: Callable[..., Any]) -> list[Any]:
    """Miriam's files: one of which one line is bad, one whose columns are not known yet. No other one's business."""
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    list_of_two = b"Nachname;Vorname\r\nNeu;Hier\r\nNeu;\r\n"
    with acting(miriam):
        told, new = (imports.bring_file(miriam, "liste.csv", list_of_two) for _ in range(2))
        imports.map_columns(miriam, told, COLUMNS, order="dmy", titled=True)
    start = {"belongs_to": None, "alike": "skip", "bad_lines": "all"}
    return [
        refusal(NotAllowed, jonas, imports.bring_file, "liste.csv", list_of_two),
        refusal(UnusableList, miriam, imports.bring_file, "liste.csv", b"Nachname;Vorname\r\n" + b"x;y\r\n" * 100_001),
        refusal(NotFound, jana, imports.map_columns, told, COLUMNS, order="dmy", titled=True),
        refusal(NotFound, miriam, imports.map_columns, told, {0: "number_of_teeth"}, order="dmy", titled=True),
        refusal(NotFound, jana, imports.start_import, told, **start),
        refusal(BadLines, miriam, imports.start_import, told, **start),
        refusal(ImportBegun, miriam, imports.start_import, new, **start),
        refusal(NotFound, jonas, imports.cancel_import, told),
        refusal(NotFound, jonas, imports.take_back_import, told),
        refusal(ImportBegun, miriam, imports.take_back_import, told),
        refusal(NotAllowed, miriam, imports.forget_import_files),
        refusal(NotFound, jonas, import_check.begin_check, new),
        refusal(NotFound, jonas, import_check.check_next, new, Twins()),
        refusal(NotFound, jonas, import_run.enter_next, told),
        refusal(NotFound, jonas, import_run.count_cancelled, told),
        refusal(NotFound, jonas, import_run.take_back_next, told, None),
    ]
