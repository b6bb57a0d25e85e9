"""A practice's plan, as its operator sets it: as the owner of the database, since nobody else may (PLAN-1)."""

import psycopg

from sprechzeit.core.live import CHANNEL
from sprechzeit.practice.plans import Plan

# How the log names who did it.
OPERATOR, COMMAND = "operator", "command:practice plan"


def set_plan(owner_url: str, slug: str, plan: Plan) -> bool:
    """Give the practice at this address a plan; it counts from the next booking on, and nothing is deleted (PLAN-4).

    False where there is no such practice. Open pages of the practice are told.
    """
    with psycopg.connect(owner_url) as connection:
        found = connection.execute("SELECT id FROM practice_practice WHERE slug = %s", [slug]).fetchone()
        if found is None:
            return False
        connection.execute(
            "SELECT set_config('sprechzeit.actor', %s, true), set_config('sprechzeit.request', %s, true), "
            "set_config('sprechzeit.practices', %s, true)",
            [OPERATOR, COMMAND, str(found[0])],
        )
        connection.execute("UPDATE practice_practice SET plan = %s WHERE id = %s AND plan <> %s",
                           [plan, found[0], plan])  # fmt: skip
        connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{found[0]} {found[0]}"])
    return True
