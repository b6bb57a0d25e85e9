"""`sprechzeit practice plan`: the plans of the practices, and what they use of them (PLAN-1)."""

import os
from functools import partial

import click
import psycopg
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.cli.import_calendar import system_of
from sprechzeit.core.acting import run_as
from sprechzeit.operations.installation import URLS
from sprechzeit.operations.plans import set_plan
from sprechzeit.operations.terminal import _
from sprechzeit.practice.plans import PLANS, Plan, limits_of
from sprechzeit.practice.queries import practice_of, rooms_in_use
from sprechzeit.scheduling.plan_page import following
from sprechzeit.scheduling.queries.months import use_of_months

_NOT_READY = _("The database is not ready; `sprechzeit check` says what is missing.")
_HELP = _(
    "Without arguments: every practice with its plan and what it uses. With PRACTICE, as in the address of its booking "
    "page: this one, in detail. With PLAN too: gives it this plan, from now on. Nothing is deleted: what is over the "
    "limits of a smaller plan stays, can be read, and takes nothing new. The practice's log says that the operator "
    "did it."
)


@click.command("plan", help=_HELP)
@click.argument("practice", required=False)
@click.argument("wanted", metavar="[PLAN]", required=False, type=click.Choice(list(PLANS), case_sensitive=False))
def plan(practice: str | None, wanted: Plan | None) -> None:
    if practice is None:
        for actor in _everybody():
            click.echo(run_as(actor, partial(_line, actor)))
        return
    actor = system_of(practice)
    if wanted is not None:
        _set(practice, wanted)
    click.echo(run_as(actor, partial(_line, actor)))
    for line in run_as(actor, partial(_use, actor)):
        click.echo(f"  {line}")


def _everybody() -> list[Actor]:
    try:
        return [system(practice_id) for practice_id in all_practices()]
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(_NOT_READY) from error


def _set(slug: str, wanted: Plan) -> None:
    """As the owner of the database: the application itself cannot."""
    url = os.environ.get(URLS["owner"])
    if not url:
        raise click.ClickException(_("%(name)s is missing.") % {"name": URLS["owner"]})
    try:
        set_plan(url, slug, wanted)
    except psycopg.Error as error:
        raise click.ClickException(_NOT_READY) from error


def _line(actor: Actor) -> str:
    found = practice_of(actor)
    limits = limits_of(found.plan)
    parts = {"slug": found.slug, "plan": found.plan, "rooms": _of(rooms_in_use(actor), limits.rooms)}
    return _("%(slug)s: %(plan)s · rooms in use: %(rooms)s") % parts


def _use(actor: Actor) -> list[str]:
    """What everybody has this month and next."""
    found = practice_of(actor)
    today = timezone.now().astimezone(found.zone).date()
    most = limits_of(found.plan).appointments
    lines = []
    for one in use_of_months(actor, today, following(today)):
        lines += [f"{month:%Y-%m}  {_of(used, most)}  {one.name}" for month, used in one.months.items()]
    return sorted(lines)


def _of(used: int, limit: int | None) -> str:
    return str(used) if limit is None else _("%(used)s of %(limit)s") % {"used": used, "limit": limit}
