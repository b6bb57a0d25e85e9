"""Where the database counts a month's appointments (month_limits.sql). SQL, used by a migration and by race tests."""

from pathlib import Path

FUNCTIONS = Path(__file__).with_suffix(".sql")

# Two that change places are counted when both stand: the action asks for that, everything else is counted at once.
COUNTED = (
    "CREATE CONSTRAINT TRIGGER month_of_plan AFTER INSERT OR UPDATE OF occupancy_id, calendar_id, starts_at "
    "ON scheduling_appointment DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION count_appointment()"
)
COUNTED_AGAIN = (
    "CREATE TRIGGER month_of_plan AFTER UPDATE OF active ON scheduling_occupancy FOR EACH ROW "
    "WHEN (NEW.active AND NOT OLD.active AND NEW.kind = 'appointment') EXECUTE FUNCTION count_time_again()"
)
ROOM_AGAIN = (
    "CREATE TRIGGER month_has_room_again AFTER UPDATE OF active ON scheduling_occupancy FOR EACH ROW "
    "WHEN (OLD.active AND NOT NEW.active AND NEW.kind = 'appointment') EXECUTE FUNCTION month_has_room_again()"
)
# The plan is part of what free times hang on: remembered and kept ones.
PLAN_CHANGED = (
    "CREATE TRIGGER version_of_plan AFTER UPDATE OF plan ON practice_practice FOR EACH ROW "
    "EXECUTE FUNCTION rules_of_time_changed('id')",
    "CREATE TRIGGER next_free_of_plan AFTER UPDATE OF plan ON practice_practice FOR EACH ROW "
    "EXECUTE FUNCTION next_free_of_plan_changed()",
)
# What is closed to new use keeps the appointments that it has, wherever they move.
ROOM_CLOSED = """
CREATE FUNCTION refuse_closed_room() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT is_room_open(NEW.practice_id, NEW.room_id) THEN
        RAISE EXCEPTION 'this room is closed to what is new'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'room_of_plan', TABLE = 'scheduling_appointment';
    END IF;
    RETURN NEW;
END $$
"""
ROOM_TRIGGERS = (
    "CREATE TRIGGER room_of_plan BEFORE INSERT ON scheduling_appointment FOR EACH ROW "
    "WHEN (NEW.room_id IS NOT NULL) EXECUTE FUNCTION refuse_closed_room()",
    "CREATE TRIGGER other_room_of_plan BEFORE UPDATE OF room_id ON scheduling_appointment FOR EACH ROW "
    "WHEN (NEW.room_id IS DISTINCT FROM OLD.room_id AND NEW.room_id IS NOT NULL) "
    "EXECUTE FUNCTION refuse_closed_room()",
)

STATEMENTS = [COUNTED, COUNTED_AGAIN, ROOM_AGAIN, *PLAN_CHANGED, ROOM_CLOSED, *ROOM_TRIGGERS]

# What installations that counted before have otherwise: each practice's kept times by themselves, and whose a calendar
# is, on which its full months hang.
TRIGGERS_AGAIN = [
    "DROP TRIGGER next_free_of_plan ON practice_practice",
    PLAN_CHANGED[1],
    "DROP TRIGGER next_free_changed ON scheduling_calendar",
    "CREATE TRIGGER next_free_changed AFTER UPDATE OF retired_at, member_id ON scheduling_calendar FOR EACH STATEMENT "
    "EXECUTE FUNCTION booking_rules_changed()",
]
