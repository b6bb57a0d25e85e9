"""The `sprechzeit` command. Nothing heavy is imported before a command needs it, so that `--help` is quick."""

import importlib
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from sprechzeit.cli.backup import backup, restore, restore_practice
from sprechzeit.operations.errors import CannotRun
from sprechzeit.operations.terminal import _, language

if TYPE_CHECKING:
    from sprechzeit.operations.installation import Installation


class LateGroup(click.Group):
    """Commands that use the models: Django is set up before they load. `late`: name → module and what it does; the
    command is called there as here, unless the module is followed by `:` and how.
    """

    late: dict[str, tuple[str, str]] = {}
    needs_database = True
    without_database: frozenset[str] = frozenset()

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(self.late)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.late:
            return None
        _set_up_django(ctx, with_database=self.needs_database and name not in self.without_database)
        module, _colon, called = self.late[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), called or name.replace("-", "_"))
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, what) for name, (_module, what) in self.late.items()])


class ImportGroup(LateGroup):
    """Commands that take data from other programs."""

    late = {"calendar": ("sprechzeit.cli.import_calendar", _("Take a calendar exported from another program (.ics)."))}


class AccountGroup(LateGroup):
    """Commands that help people who cannot sign in."""

    late = {"reset-second-factor": ("sprechzeit.cli.accounts", _("Take a lost second factor away."))}


class PracticeGroup(LateGroup):
    """Commands about a practice that are its operator's."""

    late = {"plan": ("sprechzeit.cli.practice_plan", _("Show the practices' plans and what they use, or set one."))}


class KeysGroup(LateGroup):
    """Commands about the keys that seal health data."""

    late = {"rotate": ("sprechzeit.cli.keys", _("Replace the practices' data keys and seal everything anew."))}


class LicenceGroup(LateGroup):
    """Commands about the licence of the installation."""

    late = {
        "make": ("sprechzeit.cli.licence", _("Make a licence of your own.")),
        "show": ("sprechzeit.cli.licence", _("Say what the licence allows, and until when.")),
        "install": ("sprechzeit.cli.licence", _("Install a licence that somebody sent you.")),
    }
    needs_database = False


class PartnerGroup(LateGroup):
    """Commands about booking partners of a practice."""

    late = {
        "list": ("sprechzeit.cli.partner:list_partners", _("The booking partners of a practice.")),
        "show": ("sprechzeit.cli.partner", _("What a partner's portal must know, and its keys.")),
        "register": ("sprechzeit.cli.partner", _("Register a booking partner.")),
        "set": ("sprechzeit.cli.partner:set_partner", _("Change what a partner is and may do.")),
        "key": ("sprechzeit.cli.partner", _("Add, end and revoke its keys.")),
        "end": ("sprechzeit.cli.partner", _("End a partner at once, or let it go on.")),
        "sandbox": ("sprechzeit.cli.partner_sandbox", _("Make a practice to try portals with, or take it out.")),
        "check": ("sprechzeit.cli.partner_check", _("Play every situation against a practice or a portal.")),
    }
    # Plays against any practice, of this machine or another: it speaks HTTP alone.
    without_database = frozenset({"check"})


class AuditGroup(LateGroup):
    """Commands about the log."""

    late = {"verify": ("sprechzeit.cli.audit", _("Prove that nothing in the log is missing or changed."))}


@click.group()
@click.version_option(package_name="sprechzeit")
def cli() -> None:
    pass


cli.help = _("Sprechzeit, the open practice system.")


@cli.command(help=_("Start everything: database, pages, jobs. Ctrl-C stops it."))
def run() -> None:
    from sprechzeit.operations import supervisor

    supervisor.run(_installation())


@cli.command(help=_("Serve the pages only (on further machines; SPRECHZEIT_DATABASE_URL must be set)."))
def web() -> None:
    from sprechzeit.operations import processes

    processes.become_web(_installation())


@cli.command(help=_("Work off the jobs only (on further machines; SPRECHZEIT_DATABASE_URL must be set)."))
def worker() -> None:
    from sprechzeit.operations import processes

    processes.become_worker(_installation())


@cli.command(help=_("Bring the database to the state of this version."))
def migrate() -> None:
    from sprechzeit.operations import processes

    processes.migrate(_installation())


@cli.command(help=_("Say what is missing or unsafe."))
def check() -> None:
    from sprechzeit.operations import processes

    installation = _installation()
    processes.check(installation)
    missing = []
    if not installation.given.get("SPRECHZEIT_SMTP_HOST"):
        folder = installation.data_dir / "mail"
        missing.append(
            _("No mail server is set (SPRECHZEIT_SMTP_HOST): mails become files in %(folder)s.") % {"folder": folder}
        )
    if not installation.given.get("SPRECHZEIT_BACKUP_FOLDER"):
        missing.append(_("No folder for backups is set (SPRECHZEIT_BACKUP_FOLDER): none is made by itself."))
    secret = "SPRECHZEIT_TURN_SECRET"  # noqa: S105 – its name
    if installation.given.get("SPRECHZEIT_TURN_URLS") and not {secret, f"{secret}_FILE"} & installation.given.keys():
        missing.append(
            _("The relay of SPRECHZEIT_TURN_URLS has no secret (SPRECHZEIT_TURN_SECRET): it will refuse consultations.")
        )
    click.echo("\n".join(missing or [_("All is well.")]))


@cli.group(help=_("Set up and look into the database."))
def database() -> None:
    pass


@database.command(help=_("Print what an administrator runs once on a PostgreSQL server of their own."))
@click.option("--name", default="sprechzeit", show_default=True, help=_("The database to make."))
def sql(name: str) -> None:
    from sprechzeit.operations.postgres_setup import setup_script

    try:
        click.echo(setup_script(name), nl=False)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--name") from error


@database.command(help=_("Open psql in the database."))
@click.option("--role", type=click.Choice(["app", "owner", "backup"]), default="app", show_default=True)
def shell(role: str) -> None:
    from sprechzeit.operations import processes

    sys.exit(processes.database_shell(_installation(), role))


@cli.group("import", cls=ImportGroup, help=_("Take data from other programs."))
def import_() -> None:
    pass


@cli.group("accounts", cls=AccountGroup, help=_("Help people who cannot sign in."))
def accounts() -> None:
    pass


@cli.group(cls=PracticeGroup, help=_("Look after the practices of this installation."))
def practice() -> None:
    pass


@cli.group(cls=AuditGroup, help=_("Look after the log of who did what."))
def audit() -> None:
    pass


@cli.group(cls=KeysGroup, help=_("Look after the keys that seal health data."))
def keys() -> None:
    pass


@cli.group(cls=LicenceGroup, help=_("Look after the licence for booking portals of others."))
def licence() -> None:
    pass


@cli.group(cls=PartnerGroup, help=_("Look after the booking partners of a practice."))
def partner() -> None:
    pass


@cli.command(help=_("Delete what is over, as the program does every night by itself, in each practice; say how much."))
@click.option("--dry-run", is_flag=True, help=_("Say what would be deleted, and delete nothing."))
@click.pass_context
def retention(ctx: click.Context, dry_run: bool) -> None:
    _set_up_django(ctx)
    from sprechzeit.cli.retention import delete_what_is_over

    delete_what_is_over(is_dry=dry_run)


cli.add_command(backup)
cli.add_command(restore)
cli.add_command(restore_practice)


def main() -> NoReturn:
    """The entry point of the command; what a person must change first is said in plain words."""
    try:
        cli.main(standalone_mode=True)
    except CannotRun as problem:
        click.echo(str(problem), err=True)
    sys.exit(1)


def _installation() -> "Installation":
    from sprechzeit.operations.installation import Installation

    return Installation.from_environment()


def _set_up_django(ctx: click.Context, *, with_database: bool = True) -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprechzeit.config.settings")
    # To explain a command no database is needed, and starting one takes seconds.
    if "--help" not in sys.argv and with_database:
        os.environ.update(ctx.find_root().with_resource(_installation().database()))
    elif "--help" not in sys.argv:
        installation = _installation()
        os.environ.update(installation.variables(None, installation.program_account(), without_database=True))

    django.setup()
    from django.utils import translation

    translation.activate(language())
