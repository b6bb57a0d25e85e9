"""Reading the practice that an actor acts in."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Role
from sprechzeit.core.errors import NotFound
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import Part, fetch
from sprechzeit.practice.models import (
    AccessGrant,
    Invitation,
    Logo,
    Member,
    Partner,
    PartnerKey,
    Practice,
    SmsGateway,
    VideoService,
    VideoToken,
)
from sprechzeit.practice.names import initials_of
from sprechzeit.practice.plans import limits_of
from sprechzeit.practice.policy import managed_accesses, managed_partners, plan_of, visible_members, visible_rooms


class PracticePart:
    """A practice's place in a statement that finds more: with what its logo is like, without the image."""

    TABLES = "practice_practice practice LEFT JOIN practice_logo logo ON logo.practice_id = practice.id"

    def __init__(self, before: str = "practice.", before_logo: str = "logo.") -> None:
        self._practice, self._logo = Part(Practice, before), Part(Logo, before_logo, without=["image"])
        self.columns = f"{self._practice.columns}, {self._logo.columns}"

    def take(self, values: Iterator[Any]) -> Practice:
        """The next columns of a row."""
        practice = self._practice.take(values)
        Practice.logo.related.set_cached_value(practice, self._logo.take_any(values))
        return practice


_PRACTICE = PracticePart()
_PRACTICE_OF = f"SELECT {_PRACTICE.columns} FROM {PracticePart.TABLES} WHERE practice.id = %s"  # noqa: S608 – of models


def practice_of(actor: Actor) -> Practice:
    """The one practice of an actor that acts in one. Whoever acts in a practice sees its name, address and logo.

    What the logo is like is read with it; the image itself only where it is asked for.
    """
    rows = fetch(*planned(_PRACTICE_OF, [actor.practice_id]))
    if not rows:
        raise Practice.DoesNotExist
    return _PRACTICE.take(iter(rows[0]))


def video_service(actor: Actor) -> VideoService | None:
    """Where the practice's consultations by video are held; None while none are (PUSH-2)."""
    return VideoService.objects.filter(practice_id=actor.practice_id, is_on=True).first()


def logo_of(actor: Actor, digest: str) -> bytes:
    """The image that the practice's logo is now. Raises NotFound for what it was before."""
    image = Logo.objects.filter(practice_id=actor.practice_id, digest=digest).values_list("image", flat=True).first()
    if image is None:
        raise NotFound
    return bytes(image)


class Who(NamedTuple):
    """A member or delegate as every page names them, and their practice's name."""

    name: str
    initials: str
    colour: int
    practice_name: str


# What people from outside are shown in.
DELEGATES_COLOUR = 5

_DELEGATE = """
SELECT access.name, practice.name
  FROM practice_accessgrant access JOIN practice_practice practice ON practice.id = access.practice_id
 WHERE access.practice_id = %s AND access.id = %s
"""
_WHO = """
SELECT member.name, member.initials, member.colour, practice.name
  FROM practice_member member JOIN practice_practice practice ON practice.id = member.practice_id
 WHERE member.practice_id = %s AND member.id = %s
"""


def member_of(actor: Actor) -> Who:
    """The member, or the delegate from outside, that a staff actor is."""
    if actor.kind is ActorKind.DELEGATE:
        ((name, practice_name),) = fetch(_DELEGATE, [actor.practice_id, actor.identity])
        return Who(name, initials_of(name), DELEGATES_COLOUR, practice_name)
    (row,) = fetch(*planned(_WHO, [actor.practice_id, actor.identity]))
    return Who._make(row)


def rooms_in_use(actor: Actor) -> int:
    """How many rooms the practice uses, be they closed to what is new."""
    return visible_rooms(actor).filter(retired_at=None).count()


def closed_rooms(actor: Actor) -> frozenset[UUID]:
    """The rooms in use past what the plan has, those that came last: they take nothing new (PLAN-4)."""
    most = limits_of(plan_of(actor.practice_id)).rooms
    if most is None:
        return frozenset()
    return frozenset(visible_rooms(actor).filter(retired_at=None).order_by("pk").values_list("pk", flat=True)[most:])


def kept_without(actor: Actor, member: Member) -> list[AccessGrant]:
    """Accesses that a member gave and that open others' data: they go on when the member is suspended or leaves."""
    today = timezone.now().astimezone(practice_of(actor).zone).date()
    others = visible_members(actor).exclude(pk=member.pk).exclude(role=Role.SECRETARY)
    given = managed_accesses(actor).filter(areas__member__in=others, given_by=member, accepted_at__isnull=False)
    given = given.exclude(user_id=member.user_id).exclude(ends_on__lt=today)
    return list(given.distinct().order_by("name", "pk"))


def slug_of(actor: Actor) -> str:
    """The practice's address; empty for a practice that is no more."""
    return Practice.objects.filter(pk=actor.practice_id).values_list("slug", flat=True).first() or ""


def members_ever(actor: Actor) -> list[Member]:
    """Everybody who works or worked in the practice, by name."""
    return list(Member.objects.filter(practice_id__in=actor.practices).order_by("name"))


def accesses_ever(actor: Actor) -> list[AccessGrant]:
    """Every access that the practice has given, be it revoked, by name."""
    return list(AccessGrant.objects.filter(practice_id__in=actor.practices).order_by("name", "pk"))


def partners_ever(actor: Actor) -> list[Partner]:
    """Every booking partner that the practice has or had, by name."""
    return list(Partner.objects.filter(practice_id__in=actor.practices).order_by("name", "pk"))


def video_tokens_ever(actor: Actor) -> list[VideoToken]:
    """Every token of a booking system that the practice has or had, by name."""
    return list(VideoToken.objects.filter(practice_id__in=actor.practices).order_by("name", "pk"))


def keys_of_partners(actor: Actor, partner_ids: Collection[UUID]) -> list[PartnerKey]:
    """The keys of these partners, revoked ones too, the newest first: for administrators (OTV-2)."""
    managed = managed_partners(actor).filter(pk__in=partner_ids)
    keys = PartnerKey.objects.filter(practice_id__in=actor.practices, partner__in=managed)
    return list(keys.order_by("-starts_at", "-pk"))


def gateway_of(actor: Actor) -> SmsGateway | None:
    """The practice's SMS gateway, switched on or not; None where there is none."""
    gateways = SmsGateway.objects.filter(practice_id=actor.practice_id)
    return gateways.first() if actor.reach(Data.PRACTICE) is Reach.ALL else None


def sends_sms(actor: Actor) -> bool:
    """Whether the practice sends SMS at all."""
    return SmsGateway.objects.filter(practice_id__in=actor.practices, is_on=True).exists()


def people_of(actor: Actor, names: Iterable[str]) -> dict[str, str]:
    """How people call each of these actors of the log; members who left too."""
    known = set(names)
    members = {UUID(name.partition(":")[2]) for name in known if name.startswith(f"{ActorKind.MEMBER}:")}
    found = Member.objects.filter(practice_id__in=actor.practices, pk__in=members).values_list("id", "name")
    called = {f"{ActorKind.MEMBER}:{key}": name for key, name in found}
    accesses = {UUID(name.partition(":")[2]) for name in known if name.startswith(f"{ActorKind.DELEGATE}:")}
    given = AccessGrant.objects.filter(practice_id__in=actor.practices, pk__in=accesses) if accesses else ()
    called |= {f"{ActorKind.DELEGATE}:{one.pk}": _("%(name)s (access)") % {"name": one.name} for one in given}
    links = {UUID(name.partition(":")[2]) for name in known if name.startswith(f"{ActorKind.LINK}:")}
    invited = Invitation.objects.filter(practice_id__in=actor.practices, pk__in=links) if links else ()
    called |= {f"{ActorKind.LINK}:{one.pk}": _("By invitation") for one in invited}
    registered = {UUID(name.partition(":")[2]) for name in known if name.startswith(f"{ActorKind.PARTNER}:")}
    partners = Partner.objects.filter(practice_id__in=actor.practices, pk__in=registered) if registered else ()
    called |= {
        f"{ActorKind.PARTNER}:{one.pk}": _("%(name)s (booking partner)") % {"name": one.name} for one in partners
    }
    pushing = {UUID(name.partition(":")[2]) for name in known if name.startswith(f"{ActorKind.VIDEO}:")}
    tokens = VideoToken.objects.filter(practice_id__in=actor.practices, pk__in=pushing) if pushing else ()
    called |= {f"{ActorKind.VIDEO}:{one.pk}": _("%(name)s (booking system)") % {"name": one.name} for one in tokens}
    return {name: called.get(name) or _unnamed(name) for name in known}


def access_ever(actor: Actor, access_id: UUID) -> AccessGrant:
    """An access of the practice, be it revoked. Raises NotFound."""
    accesses = AccessGrant.objects.filter(practice_id__in=actor.practices).select_related("user", "invitation")
    found = accesses.filter(pk=access_id).first()
    if found is None or actor.kind is ActorKind.DELEGATE:
        raise NotFound
    return found


def _unnamed(name: str) -> str:
    kind, _colon, rest = name.partition(":")
    match kind:
        case ActorKind.LINK:
            return _("Patient, by their link")
        case ActorKind.VISITOR:
            return _("Online booking")
        case ActorKind.SYSTEM:
            return _("Sprechzeit")
        case "operator":
            return _("Operator of this installation")
        case "database":
            return _("Database (%(role)s)") % {"role": rest}
        case _:
            return _("Unknown")
