"""`sprechzeit partner …`: booking partners of a practice, as its administrators have them on their pages (OTV-1)."""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.cli.import_calendar import plain, system_of
from sprechzeit.core.acting import request_id, run_as
from sprechzeit.core.errors import DomainError
from sprechzeit.operations.terminal import _
from sprechzeit.practice.actions.partner_keys import add_key, end_key, revoke_key
from sprechzeit.practice.actions.partners import change_partner, end_partner, register_partner
from sprechzeit.practice.models import Confirms, Partner, PartnerKey, Practice, Reading
from sprechzeit.practice.partner_keys import LONGEST
from sprechzeit.practice.partner_page import end_of, key_lines, sheet_of, state_of_partner, worry_about
from sprechzeit.practice.policy import managed_partners
from sprechzeit.practice.queries import keys_of_partners, practice_of

T = TypeVar("T")
C = TypeVar("C", bound=Callable[..., Any])
NONE = "none"

_practice = click.argument("practice")
_named = click.argument("partner_name", metavar="PARTNER")
_yes = click.option("--yes", is_flag=True, help=_("Do not ask before writing."))


def _most_letters(model: type[Model], name: str) -> int:
    """How many its column holds."""
    return getattr(model._meta.get_field(name), "max_length", None) or 0


def _text(_ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A line of text that its column holds."""
    if value is None:
        return None
    text, most = value.strip(), _most_letters(Partner, str(option.name))
    if len(text) > most or not text.isprintable():
        raise click.BadParameter(_("At most %(most)s letters on one line, please.") % {"most": most})
    if option.name == "name" and not text:
        raise click.BadParameter(_("A name is needed."))
    return text


def _email(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    text = _text(ctx, option, value)
    try:
        if text:
            validate_email(text)
    except ValidationError as error:
        raise click.BadParameter(_("This is no e-mail address.")) from error
    return text


def _day(_ctx: click.Context, _option: click.Parameter, value: str | None) -> date | str | None:
    """A day, or `none` for no end; not given it stays as it is."""
    if value is None or value == NONE:
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(_("Please write a day as 2026-12-31, or none.")) from error


def _readings(_ctx: click.Context, _option: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    wanted = {one.strip() for one in value.split(",") if one.strip()} - {NONE}
    if unknown := wanted - set(Reading.values):
        words = _("There is no “%(name)s”. There are: %(names)s, and none.")
        names = {"name": plain(min(unknown)), "names": ", ".join(Reading.values)}
        raise click.BadParameter(words % names)
    return [one for one in Reading.values if one in wanted]


def _facts(command: C) -> C:
    """The options that say what a partner is and may do, as its form has them."""
    for option in (
        click.option(
            "--webhook", "webhook_url", callback=_text, help=_("Where changes are told to; empty for nowhere.")
        ),
        click.option(
            "--confirms", type=click.Choice(Confirms.values), help=_("Who writes to patients about bookings.")
        ),
        click.option(
            "--reads", callback=_readings, help=_("What it may read: %s, or none.") % ",".join(Reading.values)
        ),
        click.option("--phone", callback=_text),
        click.option("--email", callback=_email),
        click.option("--contact", callback=_text, help=_("Whom to call there.")),
        click.option("--website", callback=_text),
        click.option("--ends", "ends_on", callback=_day, help=_("Its last day, or none.")),
        click.option("--starts", "starts_on", callback=_day, help=_("Its first day.")),
    ):
        command = option(command)
    return command


def _given(facts: dict[str, Any]) -> dict[str, Any]:
    """What was given, as the model names it."""
    if facts.get("starts_on") == NONE:
        raise click.UsageError(_("A partner has a first day."))
    given = {name: value for name, value in facts.items() if value is not None}
    return given | ({"ends_on": None} if given.get("ends_on") == NONE else {})


@contextmanager
def _refusing() -> Iterator[None]:
    """A refusal becomes its message and exit code 1."""
    try:
        yield
    except DomainError as refused:
        raise click.ClickException(str(refused)) from refused


def _do(what: str, actor: Actor, work: Callable[[], T]) -> T:
    request_id.set(f"command:partner {what}")
    with _refusing():
        return run_as(actor, work)


@click.command("list", help=_("The booking partners of PRACTICE: where each stands, and what to see to."))
@_practice
def list_partners(practice: str) -> None:
    actor = system_of(practice)
    for line in run_as(actor, partial(_lines, actor)):
        click.echo(line)


def _lines(actor: Actor) -> list[str]:
    found, lines = practice_of(actor), []
    partners = list(managed_partners(actor).order_by("name"))
    keys = keys_of_partners(actor, [one.pk for one in partners])
    for one in partners:
        own = [key for key in keys if key.partner_id == one.pk]
        lines.append(f"{plain(one.name)}: {_state(one, found)} · {_good(own)}")
        if worry := worry_about(one, own, found):
            lines.append(f"  ! {worry}")
    return lines


def _state(found: Partner, practice: Practice) -> str:
    return state_of_partner(found, timezone.now().astimezone(practice.zone).date())[0]


def _good(keys: Collection[PartnerKey]) -> str:
    now = timezone.now()
    return _("good keys: %(count)s") % {"count": sum(one.is_good(now) for one in keys)}


@click.command("register", help=_("Register a booking partner. It can do nothing before it has a key."))
@_practice
@click.argument("name", metavar="PARTNER", callback=_text)
@_facts
def register(practice: str, name: str, **facts: Any) -> None:
    actor = system_of(practice)
    given = _given(facts)

    def make() -> Partner:
        today = timezone.now().astimezone(practice_of(actor).zone).date()
        return register_partner(actor, {"starts_on": today, **given, "name": name})

    made = _do("register", actor, make)
    click.echo(_("Registered: %(name)s. Now give it a key: sprechzeit partner key add.") % {"name": plain(made.name)})


@click.command(
    "set", help=_("Change what a partner is and may do; what is not given stays. It holds for its next call.")
)
@_practice
@_named
@click.option("--name", callback=_text)
@_facts
def set_partner(practice: str, partner_name: str, **facts: Any) -> None:
    actor = system_of(practice)
    given = _given(facts)
    if not given:
        raise click.UsageError(_("Nothing was given that is to be changed."))
    found = _partner(actor, partner_name)
    _do("set", actor, lambda: change_partner(actor, found.pk, given))
    click.echo(_("Changed: %(name)s.") % {"name": plain(str(given.get("name", found.name)))})


@click.command("end", help=_("End a partner at once: from its next call on it is refused. --resume lets it go on."))
@_practice
@_named
@click.option("--resume", is_flag=True, help=_("Let it go on, within its days."))
@_yes
def end(practice: str, partner_name: str, resume: bool, yes: bool) -> None:
    actor = system_of(practice)
    found = _partner(actor, partner_name)
    if not (yes or resume):
        click.confirm(_("End “%(name)s” at once?") % {"name": plain(found.name)}, abort=True)
    _do("end", actor, lambda: end_partner(actor, found.pk, ended=not resume))
    click.echo(_("It goes on.") if resume else _("Ended: whatever it asks is refused from now on."))


@click.command("show", help=_("What the portal must know, and all keys with their fingerprints."))
@_practice
@_named
def show(practice: str, partner_name: str) -> None:
    actor = system_of(practice)
    found = _partner(actor, partner_name)
    for line in run_as(actor, partial(_sheet, actor, found)):
        click.echo(line)


def _sheet(actor: Actor, found: Partner) -> list[str]:
    practice, keys = practice_of(actor), keys_of_partners(actor, [found.pk])
    lines = [f"{label}: {plain(value)}" for label, values in sheet_of(found, keys, practice) for value in values]
    lines += ["", _("State: %(state)s") % {"state": _state(found, practice)}]
    for one in key_lines(keys, practice.zone):
        lines += [f"{one.key.reference}  {one.state}  {plain(one.key.label)}".rstrip(), f"  SHA256 {one.fingerprint}"]
    if worry := worry_about(found, keys, practice):
        lines.append(f"! {worry}")
    return lines


# --- Keys -----------------------------------------------------------------------------------------------------------


@click.group(help=_("Add, end and revoke the keys with which a partner signs."))
def key() -> None:
    pass


@key.command(
    "add",
    help=_(
        "Add the public key in FILE (- for standard input) beside those that are there: PEM, ssh-ed25519, JWK or 32 "
        "bytes in base64. Prints its identifier and its fingerprint: compare that by phone."
    ),
)
@_practice
@_named
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--label", default="", help=_("What to call it."))
@click.option("--until", callback=_day, help=_("Its last day, or none."))
def add(practice: str, partner_name: str, file: Path, label: str, until: date | str | None) -> None:
    actor, sent = system_of(practice), _read(file)
    found = _partner(actor, partner_name)
    if len(label) > _most_letters(PartnerKey, "label") or not label.isprintable():
        raise click.UsageError(_("The label is too long, or no line of text."))

    def make() -> list[str]:
        zone = practice_of(actor).zone
        made = add_key(actor, found.pk, sent, label=label, ends_at=_end(until, zone))
        (line,) = key_lines([made], zone)
        return [f"keyid {made.reference}", f"SHA256 {line.fingerprint}", line.state]

    for line in _do("key add", actor, make):
        click.echo(line)


@key.command("until", help=_("Until which DAY the key KEYID is good; none for no end."))
@_practice
@click.argument("keyid")
@click.argument("day", callback=_day)
def until(practice: str, keyid: str, day: date | str) -> None:
    actor = system_of(practice)
    found = _key(actor, keyid)
    _do("key until", actor, lambda: end_key(actor, found.pk, _end(day, practice_of(actor).zone)))
    click.echo(_("Changed: %(name)s.") % {"name": found.reference})


@key.command("revoke", help=_("Revoke the key KEYID: from the next call on nothing that it signs is accepted."))
@_practice
@click.argument("keyid")
@_yes
def revoke(practice: str, keyid: str, yes: bool) -> None:
    actor = system_of(practice)
    found = _key(actor, keyid)
    if not yes:
        names = {"keyid": found.reference, "name": plain(found.partner.name)}
        click.confirm(_("Revoke %(keyid)s of “%(name)s”? It does not come back.") % names, abort=True)
    _do("key revoke", actor, lambda: revoke_key(actor, found.pk))
    click.echo(_("Revoked. Nothing that it signs is accepted any more."))


def _end(day: date | str | None, zone: Any) -> datetime | None:
    return end_of(day, zone) if isinstance(day, date) else None


def _read(file: Path) -> bytes:
    """What was sent as a key; no more than one can be."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(LONGEST + 1)
        with file.open("rb") as opened:
            return opened.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        words = _("The file “%(file)s” cannot be read: %(reason)s.")
        reason = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(words % {"file": plain(str(file)), "reason": reason}) from error


def _partner(actor: Actor, name: str) -> Partner:
    """The partner of this name, or of this id."""
    partners: list[Partner] = run_as(actor, lambda: list(managed_partners(actor).order_by("name")))
    found = [one for one in partners if name.casefold() in (one.name.casefold(), str(one.pk))]
    if not found:
        words = _("There is no partner “%(name)s”. There are: %(names)s.")
        names = {"name": plain(name), "names": ", ".join(plain(one.name) for one in partners) or "–"}
        raise click.ClickException(words % names)
    return found[0]


def _key(actor: Actor, keyid: str) -> PartnerKey:
    """The key of this identifier, of whichever partner of the practice."""

    def find() -> PartnerKey | None:
        partners = {one.pk: one for one in managed_partners(actor)}
        keys: dict[str, PartnerKey] = {one.reference: one for one in keys_of_partners(actor, list[UUID](partners))}
        found = keys.get(keyid)
        if found is not None:
            found.partner = partners[found.partner_id]
        return found

    found = run_as(actor, find)
    if found is None:
        words = _("There is no key “%(keyid)s”; `sprechzeit partner show` names them.")
        raise click.ClickException(words % {"keyid": plain(keyid)})
    return found
