"""`sprechzeit licence`: what the installation may be used for beyond the practice itself (OTV-1)."""

import sys
from datetime import UTC, date, datetime
from typing import IO

import click
from django.conf import settings

from sprechzeit.core.licence import Licence, NoLicence, installed, licence_file
from sprechzeit.operations.licence import install_licence, make_licence
from sprechzeit.operations.terminal import _

_MAKE = _(
    "Make a licence of your own and install it: from then on booking portals that an administrator registers may use "
    "the interface. It is signed with a key that comes from this installation's master key."
)
_INSTALL = _("Check the licence in FILE (- for what comes in) and install it. It counts at once.")


@click.command("make", help=_MAKE)
@click.option("--holder", default="", help=_("Whose it is; without it the name of the server."))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help=_("Its last day; without it ten years from today."))
def make(holder: str, until: datetime | None) -> None:
    try:
        _tell(make_licence(holder or settings.MAIL_DOMAIN, until.date() if until else None))
    except ValueError as error:
        raise click.BadParameter(_("This day is over."), param_hint="--until") from error
    except NoLicence as error:
        raise click.ClickException(
            _("This installation trusts the issuers in SPRECHZEIT_LICENCE_ISSUERS only. Ask one of them for a licence.")
        ) from error


@click.command("show", help=_("Say what the licence allows, and until when. Ends with status 1 without a valid one."))
def show() -> None:
    try:
        found = installed()
    except NoLicence as error:
        raise click.ClickException(
            _("The licence in %(file)s does not count: %(reason)s.") % {"file": licence_file(), "reason": error}
        ) from error
    if found is None:
        raise click.ClickException(
            _("There is no licence. `sprechzeit licence make` makes one of your own, in %(file)s.")
            % {"file": licence_file()}
        )
    _tell(found)
    sys.exit(0 if found.is_valid(_today()) else 1)


@click.command("install", help=_INSTALL)
@click.argument("file", type=click.File(encoding="utf-8"))
def install(file: IO[str]) -> None:
    try:
        _tell(install_licence(file.read()))
    except (NoLicence, UnicodeDecodeError) as error:
        raise click.ClickException(_("It was not installed: %(reason)s.") % {"reason": error}) from error


def _tell(licence: Licence) -> None:
    lines = {
        _("Holder"): licence.holder,
        _("Valid"): f"{licence.valid_from} – {licence.valid_until}",
        _("For"): ", ".join(sorted(licence.features)),
        _("Issuer"): licence.issuer,
        _("File"): str(licence_file()),
    }
    for name, value in lines.items():
        click.echo(f"{name + ':':<10} {value}")
    if not licence.is_valid(_today()):
        click.echo(_("It is not valid today."), err=True)


def _today() -> date:
    return datetime.now(UTC).date()
