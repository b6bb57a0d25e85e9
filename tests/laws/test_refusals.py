"""A refusal leaves no row anywhere (architecture §3, §10): for every action there is."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import pytest

import sprechzeit
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import DomainError
from sprechzeit.practice.actions import add_room
from tests.laws.refusals import NEVER_REFUSE, refusals
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.scene import scene
from tests.support.tables import changed, fingerprints

ROOM_TABLES = ["practice_room", "practice_space"]

pytestmark = pytest.mark.own_database


def actions() -> Iterator[Callable[..., object]]:
    """Every function of the program that is an action."""
    for module in pkgutil.walk_packages(sprechzeit.__path__, "sprechzeit."):
        parts = module.name.split(".")
        if "migrations" not in parts and parts[-1] != "__main__":
            for one in vars(importlib.import_module(module.name)).values():
                if getattr(one, "is_action", False) and one.__module__ == module.name:
                    yield one


@pytest.mark.req("ACC-7", "CAL-8", "BOO-6", "BOO-8", "ACC-6")
def test_a_refused_action_leaves_no_row_even_when_it_is_caught(cast: Cast, own_database: Databases) -> None:
    """The surrounding transaction commits, as it does under a view that answers with the reason."""
    superuser, left, refused = own_database.url("superuser"), {}, set()
    all_refusals = refusals(scene(cast))
    before = fingerprints(superuser, without=())
    for number, (error, actor, action, given, named) in enumerate(all_refusals):
        with acting(actor), pytest.raises(DomainError) as caught:
            action(actor, *given, **named)
        after = fingerprints(superuser, without=())
        found = (type(caught.value), changed(before, after))
        if found != (error, []):
            left[number, action.__name__, error.__name__] = found
        refused.add(action)
        before = after
    assert left == {}
    assert {one.__name__ for one in set(actions()) - refused} == set(NEVER_REFUSE), "an action without a refusal"


def test_a_row_that_stays_is_noticed(cast: Cast, own_database: Databases) -> None:
    """The control: something that refuses after it wrote, and is no action."""
    superuser, actor = own_database.url("superuser"), cast.albers.system
    before = fingerprints(superuser, without=())
    with acting(actor):
        add_room(actor, "Raum 3")
    left = ["audit_entry", "audit_value", "core_version", *ROOM_TABLES]
    assert changed(before, fingerprints(superuser, without=())) == left


def test_what_is_said_never_to_refuse_has_nothing_to_refuse_with() -> None:
    found = [one for one in actions() if one.__name__ in NEVER_REFUSE]
    assert len(found) == len(NEVER_REFUSE)
    assert [one.__name__ for one in found if refuses(one)] == []
    assert [one for one in actions() if one.__name__ == "hold_time" and refuses(one)]


def refuses(function: Callable[..., object]) -> bool:
    """Whether it, or a function of its own file that it calls, may refuse."""
    source, place = inspect.getsource(function), vars(inspect.getmodule(function))
    called = [one for name, one in place.items() if f"{name}(" in source and inspect.isfunction(one)]
    return (
        "require(" in source
        or "raise " in source
        or any(one is not function and one.__module__ == function.__module__ and refuses(one) for one in called)
    )
