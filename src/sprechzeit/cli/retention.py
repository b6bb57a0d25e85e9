"""`sprechzeit retention`: delete what is over, or say what would be deleted (PRI-20, PRI-21)."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

import click
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.core.acting import request_id, run_as
from sprechzeit.operations.terminal import _
from sprechzeit.practice.queries import slug_of
from sprechzeit.privacy.jobs import forget_over
from sprechzeit.privacy.periods import KEEPINGS, Kind
from sprechzeit.privacy.queries import over


def delete_what_is_over(*, is_dry: bool) -> None:
    """In each practice, all that is over now; nothing where `is_dry`. Prints how much of each kind."""
    at = timezone.now()
    request_id.set("command:retention")
    try:
        practices = all_practices()
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(_("The database is not ready; `sprechzeit check` says what is missing.")) from error
    for practice_id in practices:
        counts = _would_go(practice_id, at) if is_dry else forget_over(practice_id, at) or {}
        _say(practice_id, counts, is_dry=is_dry)


def _would_go(practice_id: UUID, at: datetime) -> Mapping[Kind, int]:
    actor = system(practice_id)
    return run_as(actor, partial(over, actor, at))


def _say(practice_id: UUID, counts: Mapping[Kind, int], *, is_dry: bool) -> None:
    actor = system(practice_id)
    name = run_as(actor, partial(slug_of, actor)) or str(practice_id)
    total = {"name": name, "count": sum(counts.values())}
    click.echo((_("%(name)s: %(count)s would be deleted") if is_dry else _("%(name)s: %(count)s deleted")) % total)
    for kind, many in counts.items():
        if many:
            click.echo(f"  {many}  {KEEPINGS[kind].label}")
