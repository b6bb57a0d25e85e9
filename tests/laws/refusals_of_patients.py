"""For every action on records of patients: somebody whom it refuses."""

from collections.abc import Callable
from typing import Any

from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients import actions as patients
from sprechzeit.patients import facts
from sprechzeit.patients.errors import RecordChanged, RecordsChanged
from tests.support.scene import Scene

FORM = "a-form-that-was-not-sent"


def of_patients(scene: Scene, refusal: Callable[..., Any]) -> list[Any]:
    """Entering, changing, archiving."""
    house = scene.cast.albers
    jonas, jana, berta = house.actor("jonas"), house.actor("jana"), scene.cast.brandt.actor("berta")
    known = scene.lent.patient_id
    wanted = facts.EMPTY | {"first_name": "Neu", "last_name": "Hier"}
    payer = wanted | {"payer": {"number": 1}}
    other = scene.cast.brandt.members["berta"].pk
    return [
        refusal(NotAllowed, house.system, patients.enter_patient, wanted, belongs_to=None, key=FORM),
        refusal(NotFound, jana, patients.enter_patient, wanted, belongs_to=other, key=FORM),
        refusal(NotFound, jonas, patients.enter_patient, payer, belongs_to=None, key=FORM),
        refusal(RecordChanged, jana, patients.change_patient, known, {}, wanted),
        refusal(NotFound, berta, patients.change_patient, known, {}, wanted),
        refusal(NotFound, berta, patients.archive_patient, known),
        refusal(NotFound, berta, patients.bring_back_patient, known),
        refusal(NotAllowed, house.system, patients.merge_patients, known, scene.first.patient_id, {}, seen=""),
        refusal(NotFound, berta, patients.merge_patients, known, scene.first.patient_id, {}, seen=""),
        refusal(RecordsChanged, jana, patients.merge_patients, known, scene.first.patient_id, {}, seen=""),
        refusal(NotAllowed, house.system, patients.undo_merge, new_id()),
        refusal(NotFound, jana, patients.undo_merge, new_id()),
        refusal(NotAllowed, jonas, patients.compare_records),
        refusal(NotFound, jana, patients.dismiss_pair, new_id()),
        refusal(NotFound, jana, patients.reopen_pair, new_id()),
    ]
