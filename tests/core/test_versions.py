"""What a process remembers is what it would read (core.versions)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from sprechzeit.core.ids import new_id
from sprechzeit.core.versions import Memory, Read

pytestmark = [pytest.mark.req("CAL-9"), pytest.mark.usefixtures("db")]


class Reader:
    """Reads anew what stands in `value`, and counts how often."""

    def __init__(self, *subjects: UUID, until: datetime | None = None, weight: int = 1) -> None:
        self.value, self.times = "first", 0
        self.subjects, self.until, self.weight = subjects, until, weight

    def __call__(self) -> Read[str]:
        self.times += 1
        return Read(self.value, self.subjects, self.until, self.weight)


def raise_version(*subjects: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT raise_versions(%s::uuid[])", [list(subjects)])


def warm(memory: Memory[str], reader: Reader, key: str = "key") -> None:
    """The first reading tells whose versions matter, the second is kept."""
    memory.recall(key, reader)
    memory.recall(key, reader)


def test_the_third_asker_is_answered_without_reading() -> None:
    memory, reader = Memory[str](10), Reader(new_id())
    assert [memory.recall("key", reader) for _ in range(5)] == ["first"] * 5
    assert reader.times == 2


@pytest.mark.parametrize("which", [0, 1])
def test_what_any_of_its_subjects_changes_is_read_anew(which: int) -> None:
    subjects = (new_id(), new_id())
    memory, reader = Memory[str](10), Reader(*subjects)
    warm(memory, reader)
    reader.value = "second"
    raise_version(subjects[which])
    assert memory.recall("key", reader) == "second"
    assert memory.recall("key", reader) == "second"
    assert reader.times == 3


def test_what_changes_elsewhere_is_not() -> None:
    memory, reader = Memory[str](10), Reader(new_id())
    warm(memory, reader)
    raise_version(new_id())
    memory.recall("key", reader)
    assert reader.times == 2


def test_a_change_that_is_rolled_back_leaves_nothing_behind() -> None:
    """What was read within it is not recalled after it, nor after another change that counts the same."""
    subject = new_id()
    memory, reader = Memory[str](10), Reader(subject)
    warm(memory, reader)
    point = transaction.savepoint()
    raise_version(subject)
    reader.value = "never was"
    warm(memory, reader)
    transaction.savepoint_rollback(point)
    reader.value = "first"
    assert memory.recall("key", reader) == "first"
    raise_version(subject)
    reader.value = "second"
    assert memory.recall("key", reader) == "second"


def test_it_ends_with_the_first_hold_in_it() -> None:
    now = datetime.now(UTC)
    for until, times in ((now + timedelta(hours=1), 2), (now - timedelta(seconds=1), 4)):
        memory, reader = Memory[str](10), Reader(new_id(), until=until)
        for _ in range(4):
            memory.recall("key", reader)
        assert reader.times == times


def test_other_subjects_than_the_last_time_are_kept_at_the_next() -> None:
    memory, reader = Memory[str](10), Reader(new_id())
    warm(memory, reader)
    raise_version(*reader.subjects)
    reader.subjects = (*reader.subjects, new_id())
    for _ in range(3):
        memory.recall("key", reader)
    assert reader.times == 4


def test_what_was_not_asked_for_the_longest_makes_room() -> None:
    memory = Memory[str](10)
    readers = {key: Reader(new_id(), weight=4) for key in "abc"}
    for key in "abac":
        warm(memory, readers[key], key)
    asked = {key: reader.times for key, reader in readers.items()}
    for key in "acb":
        memory.recall(key, readers[key])
    assert {key: reader.times - asked[key] for key, reader in readers.items()} == {"a": 0, "b": 1, "c": 0}


def test_what_is_too_large_is_read_each_time() -> None:
    memory, reader = Memory[str](10), Reader(new_id(), weight=11)
    for _ in range(3):
        memory.recall("key", reader)
    assert reader.times == 3
