"""What is done with records in the background: importing a file step by step (PAT-5), finding duplicates (PAT-14)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from procrastinate.contrib.django import app

from sprechzeit.access.actor import Actor, ActorKind, system
from sprechzeit.access.table import Role
from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import request_id, run_as
from sprechzeit.core.jobs import job
from sprechzeit.patients.actions.duplicates import AT_ONCE, compare_records
from sprechzeit.patients.actions.import_check import begin_check, check_next
from sprechzeit.patients.actions.import_run import (
    Cancelled,
    count_cancelled,
    enter_next,
    take_back_next,
)
from sprechzeit.patients.actions.imports import cancel_import, forget_import_files
from sprechzeit.patients.import_lines import Twins, name_in_log
from sprechzeit.patients.policy import get_import
from sprechzeit.practice.policy import visible_members

MOST_BATCHES = 25  # of a practice in a minute: after an import the others are not kept waiting


@job(subject="import_id")
def read_file(attempts: int, *, practice_id: str, import_id: str) -> None:
    """The lines of a file, read as its columns were chosen."""
    actor, key, twins = system(UUID(practice_id)), UUID(import_id), Twins()
    if run_as(actor, partial(begin_check, actor, key)):
        while run_as(actor, partial(check_next, actor, key, twins)):
            pass


@job(subject="import_id")
def enter_file(attempts: int, *, practice_id: str, import_id: str) -> None:
    """The lines of a file, entered by who started it. Who works there no more enters nothing."""
    key, office = UUID(import_id), system(UUID(practice_id))
    actor = run_as(office, partial(_who, office, key, "started_by"))
    with _named_in_log(key):
        try:
            while run_as(actor, partial(enter_next, actor, key)):
                pass
        except Cancelled:
            pass
    run_as(office, partial(cancel_import, office, key))
    run_as(office, partial(count_cancelled, office, key))


@job(subject="import_id")
def take_file_back(attempts: int, *, practice_id: str, import_id: str) -> None:
    """The records of a file, removed where nobody has touched them since."""
    key, office = UUID(import_id), system(UUID(practice_id))
    actor = run_as(office, partial(_who, office, key, "taken_back_by"))
    after: UUID | None = None
    while after := run_as(actor, partial(take_back_next, actor, key, after)):
        pass


@contextmanager
def _named_in_log(import_id: UUID) -> Iterator[None]:
    """By this the log tells what the import made from what somebody did later."""
    token = request_id.set(name_in_log(import_id))
    try:
        yield
    finally:
        request_id.reset(token)


def _who(office: Actor, import_id: UUID, did: str) -> Actor:
    """The member who asked for it, as they are now; the program itself, which imports nothing, if they left."""
    member_id = get_import(office, import_id).choices[did]
    member = visible_members(office).filter(pk=member_id, suspended_at=None).first()
    if member is None:
        return office
    return Actor(ActorKind.MEMBER, office.practices, Role(member.role), member.pk)


@app.periodic(cron="23 * * * *")
@app.task(name="patients.forget_files", queueing_lock="forget_files")
def forget_files(timestamp: int) -> None:
    """Files of patients do not stay here: a day after, they are deleted."""
    each_practice(lambda actor: run_as(actor, partial(forget_import_files, actor)), f"files:{timestamp}")


@app.periodic(cron="* * * * *")
@app.task(name="patients.find_duplicates", queueing_lock="find_duplicates", lock="find_duplicates")
def find_duplicates(timestamp: int) -> None:
    """Every minute: compare what is new or changed with the other records of its practice."""
    each_practice(_find_duplicates, f"duplicates:{timestamp}")


def _find_duplicates(actor: Actor) -> None:
    for _batch in range(MOST_BATCHES):
        if run_as(actor, partial(compare_records, actor)) < AT_ONCE:
            break
