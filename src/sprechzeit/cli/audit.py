"""`sprechzeit audit verify`: prove that nothing in the log is missing or changed (AUD-3)."""

import sys
from uuid import UUID

import click
from django.db import OperationalError, ProgrammingError

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.findings import Finding, Proof, Trouble
from sprechzeit.audit.heads import practices_with_heads
from sprechzeit.audit.jobs import all_practices
from sprechzeit.audit.queries import find_entry
from sprechzeit.audit.verification import check_log
from sprechzeit.core.acting import run_as
from sprechzeit.operations.terminal import _
from sprechzeit.practice.queries import slug_of

_HELP = _(
    "Prove that no entry of the log is missing or changed, in every practice, and name the first that is. "
    "Ends with status 1 if one is. What was written in the last minutes is not sealed yet; it is counted, not proved."
)


@click.command("verify", help=_HELP)
def verify() -> None:
    try:
        practices = sorted({*all_practices(), *practices_with_heads()})
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(_("The database is not ready; `sprechzeit check` says what is missing.")) from error
    whole = [_check(practice_id) for practice_id in practices]
    sys.exit(0 if all(whole) else 1)


def _check(practice_id: UUID) -> bool:
    """Check one practice and say what was found; whether its log is whole."""
    proof, name, found = run_as(system(practice_id), lambda: _proof(practice_id))
    if proof.finding is None:
        counts = {"name": name, "sealed": proof.sealed, "waiting": proof.waiting}
        click.echo(_("%(name)s: whole. Entries proved: %(sealed)s; not sealed yet: %(waiting)s.") % counts)
        return True
    for words in found:
        click.echo(f"{name}: {words}", err=True)
    click.echo(_("Entries proved before it: %(count)s.") % {"count": max(0, proof.finding.place - 1)}, err=True)
    return False


def _proof(practice_id: UUID) -> tuple[Proof, str, list[str]]:
    """What was found, how the practice is called, and each finding in words."""
    actor = system(practice_id)
    proof = check_log(actor)
    return proof, slug_of(actor) or str(practice_id), [f"{said(one)}{_found_at(actor, one)}" for one in proof.findings]


def _found_at(actor: Actor, finding: Finding) -> str:
    entry = find_entry(actor, finding.entry_id) if finding.entry_id is not None else None
    return f" ({entry.at:%Y-%m-%d %H:%M:%S %Z}, {entry.table_name}, {entry.operation})" if entry else ""


def said(finding: Finding) -> str:
    """A finding in the words of the terminal."""
    words = {
        Trouble.MISSING: _("Entry %(entry)s is missing."),
        Trouble.CHANGED: _("Entry %(entry)s was changed, or one before it is missing."),
        Trouble.VALUES_CHANGED: _("The values of entry %(entry)s were changed."),
        Trouble.VALUES_MISSING: _("The values of entry %(entry)s are missing."),
        Trouble.SEAL_MISSING: _("The entry at place %(place)s is missing together with its seal."),
        Trouble.ADDED: _("Entry %(entry)s was added to what is sealed."),
        Trouble.TAIL_MISSING: _("From place %(place)s on entries are missing, up to entry %(last)s."),
        Trouble.RECOMPUTED: _("From entry %(entry)s on, at the latest at entry %(last)s, the chain was made anew."),
        Trouble.COPIES_MISSING: _(
            "No signed copy of the chain lies on this machine, though there was one. Check where the worker runs."
        ),
        Trouble.BACKDATED: _(
            "Entry %(entry)s says that it is older than the seal before it: it was written later than it claims."
        ),
        Trouble.TORN: _(
            "A line of the signed heads cannot be read: %(where)s. All other lines were checked. "
            "If a full disk or a power cut tore it, take the line out."
        ),
        Trouble.UNSEALED: _(
            "Entry %(entry)s has waited for its seal for more than 15 minutes. "
            "Check that the worker runs and that no transaction of the database stays open."
        ),
        Trouble.HEAD_FORGED: _("The signed head at place %(place)s was not signed by this installation."),
    }
    facts = {"entry": finding.entry_id, "place": finding.place, "last": finding.last, "where": finding.where}
    return words[finding.trouble] % facts
