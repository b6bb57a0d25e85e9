"""`sprechzeit keys rotate`: new data keys, and everything sealed anew with them (PRI-1)."""

import sys
from functools import partial
from uuid import UUID

import click
from django.db import OperationalError, ProgrammingError

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.cli.import_calendar import system_of
from sprechzeit.core.acting import run_as
from sprechzeit.operations.terminal import _
from sprechzeit.practice.actions.keys import begin_rotation, retire_keys, rotate_batch
from sprechzeit.practice.queries import slug_of
from sprechzeit.practice.sealed import FIRST, Column, sealed_columns

MOST_PASSES = 100
_HELP = _(
    "Give every practice, or PRACTICE (as in the address of its booking page), a new data key and seal with it all "
    "that was sealed with an older one; then the older keys are retired. People may go on working meanwhile. If it is "
    "interrupted, run it again: it goes on. Ends with status 1 if something could not be opened; that stays as it is."
)


@click.command("rotate", help=_HELP)
@click.argument("practice", required=False)
def rotate(practice: str | None) -> None:
    try:
        actors = [system_of(practice)] if practice else [system(practice_id) for practice_id in all_practices()]
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(_("The database is not ready; `sprechzeit check` says what is missing.")) from error
    whole = [_rotate(actor) for actor in actors]
    sys.exit(0 if all(whole) else 1)


def _rotate(actor: Actor) -> bool:
    """One practice; whether nothing is left under an older key."""
    name = run_as(actor, partial(slug_of, actor)) or str(actor.practice_id)
    key_id = run_as(actor, partial(begin_rotation, actor))
    done = 0
    for _pass in range(MOST_PASSES):
        results = [seal_column(actor, column, key_id) for column in sealed_columns()]
        done += sum(one for one, _unreadable in results)
        unreadable = sum(unreadable for _one, unreadable in results)
        if unreadable:
            words = _("%(name)s: values that could not be opened: %(count)s. The older key stays in use for reading.")
            click.echo(words % {"name": name, "count": unreadable}, err=True)
            return False
        # What somebody began to write with the older key before there was the new one is sealed anew in a further pass.
        if run_as(actor, partial(retire_keys, actor, key_id)):
            click.echo(_("%(name)s: values sealed anew: %(count)s.") % {"name": name, "count": done})
            return True
    click.echo(_("%(name)s: not finished. Please run it again.") % {"name": name}, err=True)
    return False


def seal_column(actor: Actor, column: Column, key_id: UUID) -> tuple[int, int]:
    """All values of a column, a batch at a time: how many were sealed anew, how many could not be opened."""
    done, unreadable, after = 0, 0, FIRST
    while True:
        batch = run_as(actor, partial(rotate_batch, actor, column, key_id, after))
        done, unreadable = done + batch.done, unreadable + len(batch.unreadable)
        if batch.last is None:
            return done, unreadable
        after = batch.last
