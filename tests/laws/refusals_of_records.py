"""For every action on sessions, notes, templates and keys: somebody whom it refuses."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import keys
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.sealed import FIRST, sealed_columns
from sprechzeit.records.actions import notes, sessions, templates
from sprechzeit.records.errors import NoteEmpty, NoteSigned, NotSigned, WrittenMeanwhile
from tests.support.cast import House
from tests.support.treated import treated, typed, written


def of_sessions(house: House, refusal: Callable[..., Any]) -> list[Any]:
    """Miriam's sessions: one with a note, one whose note is signed; Jonas sees neither, Jana no note."""
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    noted, signed = (treated(house, "miriam", last_name=name) for name in ("Winter", "Herbst"))
    own = treated(house, "jonas", last_name="Lenz")
    written(house, noted, who="miriam")
    written(house, signed, who="miriam")
    with acting(miriam):
        notes.sign_note(miriam, signed.pk, 1)
        template = templates.add_template(miriam, new_id(), "Befund", ["Feld"])
        templates.add_template(miriam, new_id(), "Verlauf", ["Feld"])
    now, column = timezone.now(), next(sealed_columns())
    return [
        refusal(NotFound, jonas, sessions.change_session, noted.pk, {"kind": "x"}),
        refusal(NotAllowed, jana, sessions.change_session, noted.pk, {"kind": "x"}),
        refusal(NotAllowed, jana, sessions.enter_session, noted.patient_id, jonas.id, now, duration_minutes=50),
        refusal(NotFound, jonas, sessions.enter_session, own.patient_id, miriam.id, now, duration_minutes=50),
        refusal(NotFound, jonas, sessions.document_appointment, new_id()),
        refusal(NotFound, jana, notes.keep_draft, noted.pk, typed("x")),
        refusal(NotFound, jana, notes.discard_draft, noted.pk, new_id()),
        refusal(NotFound, jana, notes.write_note, noted.pk, typed("x")),
        refusal(WrittenMeanwhile, miriam, notes.write_note, noted.pk, typed("x")),
        refusal(NoteEmpty, jonas, notes.write_note, own.pk, typed("")),
        refusal(NoteSigned, miriam, notes.write_note, signed.pk, typed("x", based_on=1)),
        refusal(WrittenMeanwhile, miriam, notes.sign_note, noted.pk, 0),
        refusal(NoteEmpty, jonas, notes.sign_note, own.pk, 0),
        refusal(NotSigned, miriam, notes.amend_note, noted.pk, "x"),
        refusal(NotAllowed, jana, templates.add_template, new_id(), "Neu", ["Feld"]),
        refusal(NameTaken, miriam, templates.add_template, new_id(), "Befund", ["Feld"]),
        refusal(NameTaken, miriam, templates.change_template, template.pk, "Verlauf", ["Feld"]),
        refusal(NotFound, jonas, templates.retire_template, template.pk, retired=True),
        refusal(NotAllowed, miriam, keys.begin_rotation),
        refusal(NotAllowed, miriam, keys.rotate_batch, column, new_id(), FIRST),
        refusal(NotAllowed, miriam, keys.retire_keys, new_id()),
    ]
