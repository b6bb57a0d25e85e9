"""`sprechzeit partner sandbox`: a practice to try a portal with, and to take out again (OTV-11)."""

import os
import shlex
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection

from sprechzeit.core.errors import DomainError
from sprechzeit.operations.installation import URLS
from sprechzeit.operations.sandbox import Sandbox, forget_people, make_sandbox
from sprechzeit.operations.sandbox_removal import remove_sandbox
from sprechzeit.operations.sandbox_words import NAME, PARTNER, SLUG
from sprechzeit.operations.terminal import _

_HELP = _(
    "Make the practice “Sandkasten”: with rooms, patients and appointments that are words of their own, and a partner "
    "whose key pair is made and kept in a file. For portals' developers, and for sprechzeit partner check."
)


@click.command("sandbox", help=_HELP)
@click.option("--key", type=click.Path(path_type=Path), default=Path("sandkasten.pem"), show_default=True,
              help=_("Where the partner's private key is kept; made if it is not there."))  # fmt: skip
@click.option("--webhook", default="", help=_("Where the partner wants to be told of changes."))
@click.option("--confirms", type=click.Choice(["practice", "partner"]), default="practice", show_default=True,
              help=_("Who writes to patients."))  # fmt: skip
@click.option("--again", is_flag=True, help=_("Take out the one that is there, and make it anew."))
@click.option("--remove", is_flag=True, help=_("Take it out, and make none."))
def sandbox(key: Path, webhook: str, confirms: str, again: bool, remove: bool) -> None:
    try:
        is_there = _is_there()
        if is_there and (again or remove):
            _remove()
        elif is_there:
            raise click.ClickException(_("It is there already: --again makes it anew, --remove takes it out."))
        elif remove:
            click.echo(_("There is none."))
        if remove:
            return
        made = make_sandbox(_key(key), webhook_url=webhook, confirms=confirms)
    except (OperationalError, ProgrammingError) as error:
        message = _("The database is not ready; `sprechzeit check` says what is missing.")
        raise click.ClickException(message) from error
    except DomainError as refused:
        raise click.ClickException(str(refused)) from refused
    _say(made, key)


def _is_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT practice_by_slug(%s)", [SLUG])
        return cursor.fetchone()[0] is not None


def _remove() -> None:
    """As the owner of the database: the program itself deletes no practice."""
    url = os.environ.get(URLS["owner"])
    if not url:
        raise click.ClickException(_("%(name)s is missing.") % {"name": URLS["owner"]})
    forget_people(remove_sandbox(url))
    click.echo(_("Taken out: %(name)s.") % {"name": NAME})


def _key(file: Path) -> Ed25519PrivateKey:
    """The one that is there, or a new one, readable for its owner alone."""
    from sprechzeit.cli.partner_check import KeyFile

    if not file.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(pem)
        except OSError as error:
            raise click.ClickException(str(error)) from error
    return KeyFile().convert(file, None, None)


def _say(made: Sandbox, key: Path) -> None:
    address = str(settings.PUBLIC_URL)
    facts = {"name": NAME, "partner": PARTNER, "email": made.email, "password": made.password, "keyid": made.keyid}
    click.echo(_("Made: %(name)s, with the partner %(partner)s.") % facts)
    click.echo(_("Sign in as %(email)s with %(password)s") % facts)
    click.echo(_("The key is called (keyid) %(keyid)s") % facts)
    check = ["sprechzeit", "partner", "check", address, "--key", str(key), "--keyid", made.keyid]
    click.echo(_("To try it: %(command)s") % {"command": shlex.join(check)})
