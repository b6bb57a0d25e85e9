"""What the database itself refuses: taking time twice (CAL-8). SQL, used by the first migration and by race tests."""

TAKEN = "tstzrange(starts_at, ends_at)"

# A calendar's time, and a space's across all practices: the constraint sees rows that row security hides.
CALENDAR_CONSTRAINT = (
    "ALTER TABLE scheduling_occupancy ADD CONSTRAINT calendar_taken "
    f"EXCLUDE USING gist (calendar_id WITH =, {TAKEN} WITH &&) WHERE (active AND NOT overbooked)"
)
SPACE_CONSTRAINT = (
    "ALTER TABLE scheduling_occupancy ADD CONSTRAINT space_taken "
    f"EXCLUDE USING gist (space_id WITH =, {TAKEN} WITH &&) WHERE (active)"
)

# The constraint alone lets a normal time lie over an overbooked one. The trigger takes the writer's locks, so that
# what it looks at cannot change, and refuses it too.
FUNCTION = """
CREATE FUNCTION refuse_taken_time() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(name, 0) AS key
          FROM unnest(ARRAY['calendar:' || NEW.calendar_id, 'space:' || NEW.space_id]) AS name
         WHERE name IS NOT NULL ORDER BY key) AS sorted;
    IF EXISTS (
        SELECT 1 FROM scheduling_occupancy o
         WHERE o.practice_id = NEW.practice_id AND o.calendar_id = NEW.calendar_id AND o.active AND o.id <> NEW.id
           AND o.ends_at > NEW.starts_at AND o.starts_at < NEW.ends_at
    ) THEN
        RAISE EXCEPTION 'this calendar''s time is taken'
              USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'calendar_taken_by_overbooked',
                    TABLE = 'scheduling_occupancy';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = (
    "CREATE TRIGGER refuse_taken_time "
    "BEFORE INSERT OR UPDATE OF practice_id, calendar_id, space_id, starts_at, ends_at, active, overbooked "
    "ON scheduling_occupancy FOR EACH ROW WHEN (NEW.active AND NOT NEW.overbooked) "
    "EXECUTE FUNCTION refuse_taken_time()"
)

STATEMENTS = (CALENDAR_CONSTRAINT, SPACE_CONSTRAINT, FUNCTION, TRIGGER)
