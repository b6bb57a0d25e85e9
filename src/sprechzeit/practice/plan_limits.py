"""How the database knows and keeps what a plan allows. SQL, used by migrations and by race tests.

When the table in plans.py changes, run `limits_function()` and `areas_function()` again in a migration; tests compare.
"""

from sprechzeit.core.rowsecurity import CROSSING, OWNER
from sprechzeit.practice.plans import PLANS, areas_of


def limits_function() -> str:
    """The table of limits as a function that PostgreSQL can read into the statement that asks it."""
    rows = ", ".join(f"('{plan}', {_number(one.appointments)}, {_number(one.rooms)})" for plan, one in PLANS.items())
    return f"""
        CREATE OR REPLACE FUNCTION limits_of_plan(wanted text) RETURNS TABLE (appointments int, rooms int)
        LANGUAGE sql IMMUTABLE AS $$
            SELECT one.appointments, one.rooms FROM (VALUES {rows}) AS one (plan, appointments, rooms)
             WHERE one.plan = wanted
        $$
    """  # noqa: S608 – of our own table


def areas_function() -> str:
    """Which areas of delegated access a plan has, in the same way."""
    rows = ", ".join(f"('{plan}', '{area}')" for plan in PLANS for area in areas_of(plan))
    return f"""
        CREATE OR REPLACE FUNCTION plan_has_area(wanted text, area text) RETURNS boolean
        LANGUAGE sql IMMUTABLE AS $$ SELECT (wanted, area) IN (VALUES {rows}) $$
    """


def _number(limit: int | None) -> str:
    return "NULL::int" if limit is None else str(limit)


# A practice's plan is its operator's: who is not the owner of the database cannot change it, nor begin with another
# than the installation's.
GUARD = f"""
CREATE FUNCTION refuse_other_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT pg_has_role(current_user, '{OWNER}', 'MEMBER') THEN
        RAISE EXCEPTION 'the plan is the operator''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
GUARDED = (
    "CREATE TRIGGER plan_is_the_operators BEFORE UPDATE ON practice_practice "
    "FOR EACH ROW WHEN (NEW.plan IS DISTINCT FROM OLD.plan) EXECUTE FUNCTION refuse_other_plan()",
    "CREATE TRIGGER plan_begins_as_given BEFORE INSERT ON practice_practice "
    "FOR EACH ROW WHEN (NEW.plan <> 'unlimited') EXECUTE FUNCTION refuse_other_plan()",
)

# Rooms come one after another under a lock, so that however many are added at once the limit holds. What was there
# before the plan became smaller stays.
ROOMS = """
CREATE FUNCTION refuse_room_too_many() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most int;
BEGIN
    SELECT allowed.rooms INTO most
      FROM practice_practice p, limits_of_plan(p.plan) allowed WHERE p.id = NEW.practice_id;
    IF most IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('rooms:' || NEW.practice_id, 0));
    IF (SELECT count(*) FROM practice_room r WHERE r.practice_id = NEW.practice_id AND r.retired_at IS NULL) > most THEN
        RAISE EXCEPTION 'the plan has no more rooms' USING ERRCODE = 'check_violation', CONSTRAINT = 'rooms_of_plan';
    END IF;
    RETURN NULL;
END $$
"""
ROOM_TRIGGERS = (
    "CREATE TRIGGER rooms_of_plan AFTER INSERT ON practice_room "
    "FOR EACH ROW WHEN (NEW.retired_at IS NULL) EXECUTE FUNCTION refuse_room_too_many()",
    "CREATE TRIGGER rooms_of_plan_again AFTER UPDATE ON practice_room "
    "FOR EACH ROW WHEN (OLD.retired_at IS NOT NULL AND NEW.retired_at IS NULL) "
    "EXECUTE FUNCTION refuse_room_too_many()",
)

# Of the rooms in use the oldest are open, as many as the plan has; the others are closed to what is new.
OPEN = """
CREATE FUNCTION is_room_open(practice uuid, room uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most int;
BEGIN
    SELECT allowed.rooms INTO most FROM practice_practice p, limits_of_plan(p.plan) allowed WHERE p.id = practice;
    RETURN most IS NULL
        OR (SELECT count(*) FROM practice_room r
             WHERE r.practice_id = practice AND r.retired_at IS NULL AND r.id < room) < most;
END $$
"""

_CROSSES = f"GRANT SELECT (plan) ON practice_practice TO {CROSSING}"

STATEMENTS = [limits_function(), areas_function(), GUARD, *GUARDED, ROOMS, *ROOM_TRIGGERS, OPEN, _CROSSES]
