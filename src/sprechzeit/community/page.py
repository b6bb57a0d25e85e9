"""The page of communities: each with who is in it and what is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.community.drawing import Drawing, Other, Shared, draw, shortened, wrapped
from sprechzeit.community.models import Community, CommunityCode, CommunitySpace, Membership
from sprechzeit.community.policy import (
    is_founder,
    may_change_communities,
    own_memberships,
    stands,
    visible_codes,
    visible_spaces,
)
from sprechzeit.community.queries import Partner, partners, sharing
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.queries.elsewhere import minutes_on


@dataclass(frozen=True, slots=True)
class Row:
    """A practice in the list. `shares`: the shared rooms that it uses, each with how long today; one's own: with its
    own room before.
    """

    partner: Partner
    shares: Sequence[str]
    mutual: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A community as one of its practices sees it."""

    community: Community
    membership: Membership
    rows: Sequence[Row]
    spaces: Sequence[CommunitySpace]
    code: CommunityCode | None
    drawing: Drawing
    founder_name: str
    may_change: bool

    @property
    def stands(self) -> bool:
        """Whether both sides have agreed."""
        return stands(self.membership)

    @property
    def is_founder(self) -> bool:
        """Whether it is the practice's to take others in."""
        return is_founder(self.membership)

    @property
    def count(self) -> int:
        """How many practices are in it."""
        return sum(row.partner.stands for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Known:
    """What all communities of the practice are drawn from, read once: statements do not grow with their number.

    `spaces`: of all communities; `own`: the shared room that each of the practice's is; `minutes`: see `minutes_on`.
    """

    practice: Practice
    members: Mapping[UUID, Sequence[Partner]]
    used: Mapping[UUID, frozenset[UUID]]
    codes: Mapping[UUID, CommunityCode]
    rooms: Sequence[Room]
    spaces: Sequence[CommunitySpace]
    own: Mapping[UUID, CommunitySpace]
    minutes: Mapping[UUID, Mapping[UUID | None, int]]
    may_change: bool


def communities_of(actor: Actor) -> list[Shown]:
    """All in which the practice is or waits to be, in a constant number of statements."""
    practice, spaces = practice_of(actor), list(visible_spaces(actor).order_by("name"))
    rooms = list(visible_rooms(actor).order_by("position", "name"))
    of_space = {one.space_id: one for one in spaces}
    known = _Known(
        practice=practice,
        members=partners(actor),
        used=sharing(actor),
        codes={one.community_id: one for one in visible_codes(actor)},
        rooms=[one for one in rooms if one.retired_at is None or one.space_id in of_space],
        spaces=spaces,
        own={one.pk: of_space[one.space_id] for one in rooms if one.space_id in of_space},
        minutes=minutes_on(actor, practice, timezone.now().astimezone(practice.zone).date(), of_space.keys()),
        may_change=may_change_communities(actor),
    )
    return [_shown(known, one) for one in own_memberships(actor).order_by("entered_at")]


def _shown(known: _Known, membership: Membership) -> Shown:
    community = membership.community
    members = known.members.get(community.pk, ())
    spaces = {one.pk: one for one in known.spaces if one.community_id == community.pk}
    own = {room_id: space for room_id, space in known.own.items() if space.pk in spaces}
    rows, others = [], []
    for one in members:
        theirs = known.used.get(one.id, frozenset())
        mutual = one.shows_times and membership.shows_times
        if one.is_own:
            shares = [
                f"{room.name} → {_with_hours(known, own[room.pk], None)}" for room in known.rooms if room.pk in own
            ]
        else:
            shares = [_with_hours(known, space, one.id) for key, space in spaces.items() if key in theirs]
            others.append(Other(one.name, theirs, mutual, waits=not one.stands))
        rows.append(Row(one, shares, mutual))
    drawn = draw(
        known.practice.name,
        [(room.name, own[room.pk].pk if room.pk in own else None) for room in known.rooms],
        {key: Shared(space.name, _today(known, space)) for key, space in spaces.items()},
        others,
    )
    founder = next((one.name for one in members if one.is_founder), "")
    code = known.codes.get(community.pk)
    return Shown(community, membership, rows, list(spaces.values()), code, drawn, founder, known.may_change)


def _with_hours(known: _Known, space: CommunitySpace, member: UUID | None) -> str:
    """'Therapieraum EG (heute 4,5 Std.)'; the name alone on a day without."""
    minutes = known.minutes.get(space.space_id, {}).get(member, 0)
    if not minutes:
        return space.name
    return _("%(room)s (today %(hours)s)") % {"room": space.name, "hours": _hours(minutes)}


def _today(known: _Known, space: CommunitySpace) -> list[str]:
    """'heute: Sie 6 Std. · Praxis Brandt 3 Std.', oneself first, in as many lines as it takes.

    Of a shared room that the practice does not use it is not told who has it when, so nothing is said (COM-3).
    """
    if space not in known.own.values():
        return []
    minutes = known.minutes.get(space.space_id, {})
    names = {one.id: shortened(one.name) for one in known.members.get(space.community_id, ())}
    own = [(_("You"), minutes[None])] if None in minutes else []
    others = sorted((names[member], many) for member, many in minutes.items() if member in names)
    pieces = [f"{name} {_hours(many)}" for name, many in own + others]
    if not pieces:
        return [_("free today")]
    return wrapped([_("today: %(time)s") % {"time": pieces[0]}, *pieces[1:]])


def _hours(minutes: int) -> str:
    """'4,5 Std.', to a tenth of an hour."""
    tenths = round(minutes / 6)
    return _("%(length)s hrs") % {"length": number_format(tenths / 10, 0 if tenths % 10 == 0 else 1)}
