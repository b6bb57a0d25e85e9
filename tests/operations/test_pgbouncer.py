"""The pooler that the suite is run through is a real one, and the strictest."""

import psycopg
import pytest

from sprechzeit.operations.embedded import Cluster
from tests.tools.pgbouncer import PROGRAM, pgbouncer, pooled

pytestmark = pytest.mark.req("OPS-3")


@pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")
def test_two_sessions_share_one_connection_and_settings_end_with_their_transaction(server: Cluster) -> None:
    setting = "SELECT set_config('sprechzeit.actor', %s, true), pg_backend_pid()"
    with pgbouncer(server, pool_size=1) as folder:
        url = pooled(server.url("app"), folder)
        with (
            psycopg.connect(url, prepare_threshold=None) as one,
            psycopg.connect(url, prepare_threshold=None) as other,
        ):
            first = one.execute(setting, ["one"]).fetchone()
            one.commit()
            second = other.execute("SELECT current_setting('sprechzeit.actor', true), pg_backend_pid()").fetchone()
            assert first
            assert second
            assert first[0] == "one"
            assert not second[0]
            assert first[1] == second[1]
