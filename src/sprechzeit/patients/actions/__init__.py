"""Writes of patients' records, one file for each use case."""

from sprechzeit.patients.actions.add import NewPatient, add_patient, find_or_add_patient, recognise_patients
from sprechzeit.patients.actions.consents import Said, part_consents, record_consent, unite_consents
from sprechzeit.patients.actions.duplicates import compare_records, dismiss_pair, reopen_pair
from sprechzeit.patients.actions.hand_over import hand_over_patients
from sprechzeit.patients.actions.import_check import begin_check, check_next
from sprechzeit.patients.actions.import_run import count_cancelled, enter_next, take_back_next
from sprechzeit.patients.actions.imports import (
    bring_file,
    cancel_import,
    forget_import_files,
    map_columns,
    start_import,
    take_back_import,
)
from sprechzeit.patients.actions.master_data import archive_patient, bring_back_patient, change_patient, enter_patient
from sprechzeit.patients.actions.merge import merge_patients, undo_merge
from sprechzeit.patients.actions.proposals import accept_contact, decline_contact, reopen_proposal
from sprechzeit.patients.actions.share import share_patients
from sprechzeit.patients.identity import Identity

__all__ = [
    "Identity",
    "NewPatient",
    "Said",
    "accept_contact",
    "add_patient",
    "archive_patient",
    "begin_check",
    "bring_back_patient",
    "bring_file",
    "cancel_import",
    "change_patient",
    "check_next",
    "compare_records",
    "count_cancelled",
    "decline_contact",
    "dismiss_pair",
    "enter_next",
    "enter_patient",
    "find_or_add_patient",
    "forget_import_files",
    "hand_over_patients",
    "map_columns",
    "merge_patients",
    "part_consents",
    "recognise_patients",
    "record_consent",
    "reopen_pair",
    "reopen_proposal",
    "share_patients",
    "start_import",
    "take_back_import",
    "take_back_next",
    "undo_merge",
    "unite_consents",
]
