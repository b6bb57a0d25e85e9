"""The log of one record, on its page: who made and changed what of it, and when (PAT-3, AUD-4)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.audit.policy import may_read_log
from sprechzeit.audit.queries import handed_out_about, history_about
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.queries import RECORD, ids_in_log, information_on
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.privacy.words import lines_of

MOST = 200


@require_safe
@visitor(Staff)
def record_log(request: ActorRequest, patient_id: str) -> HttpResponse:
    """What was done to the master data, newest first; before a merge, to the other record's too.

    Who opened it stands in the whole log, for administrators.
    """
    frame = record_frame(request.actor, parse_id(patient_id), "record_log")
    patient = frame["patient"]
    ids = ids_in_log(request.actor, patient)
    entries = history_about(request.actor, patient.practice_id, ids, RECORD)
    context = frame | {
        "lines": lines_of(request.actor, entries[::-1][:MOST]),
        "handed_out": lines_of(request.actor, handed_out_about(request.actor, patient.practice_id, patient.pk, MOST)),
        "is_cut": len(entries) > MOST,
        "information": information_on(request.actor, patient),
        "reads_log": may_read_log(request.actor),
    }
    return render(request, "privacy/record_log.html", context)
