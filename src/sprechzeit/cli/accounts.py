"""`sprechzeit accounts`: for people who cannot sign in any more."""

from functools import partial

import click
from django.conf import settings
from django.db import transaction
from django.utils import translation

from sprechzeit.access.actor import system
from sprechzeit.accounts.second_factor import reset_second_factor as reset
from sprechzeit.core.acting import request_id, run_as
from sprechzeit.operations.terminal import _
from sprechzeit.practice.actions.team import note_factor_reset

_HELP = _(
    "Take the second factor of the account EMAIL away: app, passkeys, recovery codes. For who has lost them; make sure "
    "first that it is really them. They are signed out everywhere, told by mail, and the log of each of their "
    "practices says so."
)


@click.command("reset-second-factor", help=_HELP)
@click.argument("email")
@click.option("--yes", is_flag=True, help=_("Do not ask before writing."))
def reset_second_factor(email: str, yes: bool) -> None:
    if not yes:
        click.confirm(_("Take the second factor of %(email)s away?") % {"email": email}, abort=True)
    request_id.set("command:reset-second-factor")
    with transaction.atomic():
        with translation.override(settings.LANGUAGE_CODE):
            user = reset(email)
        if user is None:
            raise click.ClickException(_("There is no account with this address."))
        for one in user.workplaces:
            actor = system(one.practice_id)
            run_as(actor, partial(note_factor_reset, actor, user.pk))
    click.echo(_("Done. They sign in with their password and set up a new one."))
