"""Limits count for all processes, refused attempts too, and by the address that can be believed (BOO-8)."""

from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import DomainError, TooMany
from sprechzeit.core.limits import Limit, address_of, forget_old_windows
from sprechzeit.core.models import Attempts
from tests.support.cast import Cast
from tests.support.together import together

pytestmark = pytest.mark.req("BOO-8")
LIMIT = Limit("test", 3, 3600)


def attempts(limit: Limit, key: str, times: int) -> list[bool]:
    """Whether each of so many attempts was let through."""
    results = []
    for _ in range(times):
        try:
            limit.attempt(key)
            results.append(True)
        except TooMany:
            results.append(False)
    return results


@pytest.mark.usefixtures("db")
class TestCounting:
    def test_so_many_and_no_more(self) -> None:
        assert attempts(LIMIT, "a", 5) == [True, True, True, False, False]

    def test_each_key_and_each_scope_for_itself(self) -> None:
        assert attempts(LIMIT, "a", 3) == attempts(LIMIT, "b", 3) == attempts(Limit("other", 3, 3600), "a", 3)

    def test_refused_attempts_count_too(self) -> None:
        attempts(LIMIT, "a", 7)
        assert Attempts.objects.get(scope="test").count == 7

    def test_it_says_when_to_come_back(self) -> None:
        attempts(LIMIT, "a", 3)
        with pytest.raises(TooMany) as caught:
            LIMIT.attempt("a")
        assert 1 <= caught.value.retry_after <= 3600

    def test_who_it_was_cannot_be_read(self) -> None:
        LIMIT.attempt("192.0.2.1")
        LIMIT.attempt("\ud800")
        keys = [bytes(key) for key in Attempts.objects.values_list("key", flat=True)]
        assert [len(key) for key in keys] == [32, 32]
        assert not [key for key in keys if b"192" in key]

    def test_old_counts_are_forgotten_and_new_ones_kept(self) -> None:
        LIMIT.attempt("a")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_attempts SET window_at = now() - interval '25 hours'")
        LIMIT.attempt("a")
        assert forget_old_windows() == 1
        assert Attempts.objects.count() == 1


@pytest.mark.own_database
class TestTogether:
    def test_it_counts_when_the_work_is_rolled_back(self, cast: Cast) -> None:
        for _ in range(2):
            LIMIT.attempt("a")
            with pytest.raises(DomainError), acting(cast.albers.system):
                raise DomainError
        assert Attempts.objects.get(scope="test").count == 2

    @pytest.mark.usefixtures("own_database")
    def test_at_once_it_lets_exactly_so_many_through(self) -> None:
        results = together(*[lambda: LIMIT.attempt("a")] * 12)
        assert sum(result is None for result in results) == 3
        assert sum(isinstance(result, TooMany) for result in results) == 9


PROXY, FURTHER = "10.0.0.1", "10.0.0.2"


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # nobody we trust says so
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what the visitor wrote in front is not believed
        (PROXY, f"203.0.113.9, 198.51.100.7, {FURTHER}", "198.51.100.7"),
        (PROXY, "", PROXY),
        (PROXY, " , ,", PROXY),
        (f"::ffff:{PROXY}", "198.51.100.7", "198.51.100.7"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "", "2001:db8:1:2::/64"),
        (PROXY, "2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (PROXY, "not an address", "not an address"),
        (PROXY, "x" * 5000, "x" * 64),
        ("", "", "unknown"),
    ],
)
def test_whose_address_it_is(settings: Any, remote: str, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXIES = [PROXY, FURTHER]
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == expected


def test_without_proxies_nobody_is_believed() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert address_of(request) == "127.0.0.1"
