"""`sprechzeit partner check`: play every situation against a practice's or a portal's address (OTV-11)."""

import base64
import binascii
import json
import sys
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sprechzeit.operations.conformance.kit import PARTS, play
from sprechzeit.operations.conformance.outcome import Outcome, Result, as_json, line, summary
from sprechzeit.operations.conformance.portal import Portal
from sprechzeit.operations.conformance.wire import Json, Practice, Signing
from sprechzeit.operations.sandbox_words import MARKED
from sprechzeit.operations.terminal import _
from sprechzeit.partners.contract import contract

_HELP = _(
    "Play every situation of the interface for portals against the practice at URL, as its partner with the key ID, "
    "and say what passes. It books and cancels appointments: use a practice that is for that "
    "(sprechzeit partner sandbox). Ends with 1 if anything failed."
)
_PORTAL = _("A portal of this practice: its webhooks and its public pages are looked at too.")
_HOOK_KEY = _("A private key that the portal takes for the practice's; webhooks are signed with it.")


class KeyFile(click.ParamType[Ed25519PrivateKey]):
    """The file of an Ed25519 key: PEM, or its 32 bytes in base64."""

    name = "file"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Ed25519PrivateKey:
        """Raises `click.BadParameter`."""
        try:
            text = Path(str(value)).read_bytes()
            if b"-----" not in text:
                return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text.strip(), validate=True))
            key = load_pem_private_key(text, None)
        except OSError as error:
            self.fail(str(error), param, ctx)
        except (ValueError, TypeError, binascii.Error):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            self.fail(_("This is no private Ed25519 key."), param, ctx)
        return key


@click.command("check", help=_HELP)
@click.argument("url")
@click.option("--key", required=True, type=KeyFile(), help=_("The partner's private key."))
@click.option("--keyid", required=True, help=_("How the practice calls that key."))
@click.option("--portal", default="", help=_PORTAL)
@click.option("--hook", default="", help=_("The portal's address for webhooks; PORTAL/webhook, if not given."))
@click.option("--hook-key", type=KeyFile(), help=_HOOK_KEY)
@click.option(
    "--contract",
    "contract_file",
    type=click.Path(path_type=Path),
    help=_("Another OpenAPI document than this version's."),
)
@click.option("--limits", is_flag=True, help=_("Call until the practice refuses more, too."))
@click.option("--wait", is_flag=True, help=_("Wait until a hold has run out, too."))
@click.option("--json", "is_json", is_flag=True, help=_("Print JSON, for programs."))
def check(
    url: str,
    key: Ed25519PrivateKey,
    keyid: str,
    portal: str,
    hook: str,
    hook_key: Ed25519PrivateKey | None,
    contract_file: Path | None,
    limits: bool,
    wait: bool,
    is_json: bool,
) -> None:
    practice = Practice(url.rstrip("/").removesuffix("/api/otv/v1"), Signing(keyid, key), _document(contract_file))
    practice.found["wait"] = wait
    played: list[Outcome] = []
    other = None
    if portal:
        other = Portal(portal, hook or f"{portal.rstrip('/')}/webhook", hook_key, practice, MARKED)
    for one in play(practice, portal=other, with_limits=limits):
        if not is_json:
            if not played or played[-1].part != one.part:
                click.secho(f"\n{PARTS[one.part]}", bold=True)
            click.secho(line(one), fg="red" if one.result is Result.FAILED else None)
        played.append(one)
    click.echo(as_json(played) if is_json else f"\n{summary(played)}")
    sys.exit(any(one.result is Result.FAILED for one in played))


def _document(file: Path | None) -> Json:
    """The contract: of this version, unless another one is given."""
    try:
        document: Json = json.loads(file.read_text()) if file else contract()
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    return document
