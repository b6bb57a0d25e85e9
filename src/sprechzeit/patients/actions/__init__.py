"""Writes of patients' records, one file for each use case."""

from sprechzeit.patients.actions.add import Identity, NewPatient, add_patient, find_or_add_patient, recognise_patients
from sprechzeit.patients.actions.hand_over import hand_over_patients
from sprechzeit.patients.actions.master_data import archive_patient, bring_back_patient, change_patient, enter_patient
from sprechzeit.patients.actions.proposals import accept_contact, decline_contact, reopen_proposal
from sprechzeit.patients.actions.share import share_patients

__all__ = [
    "Identity",
    "NewPatient",
    "accept_contact",
    "add_patient",
    "archive_patient",
    "bring_back_patient",
    "change_patient",
    "decline_contact",
    "enter_patient",
    "find_or_add_patient",
    "hand_over_patients",
    "recognise_patients",
    "reopen_proposal",
    "share_patients",
]
