-- What the one writer of occupied time does (CAL-8), in one round trip and planned once a connection: locks, expired
-- holds, the look-up, the INSERT. All of it acts as who calls it, under row security. Each statement of a function sees
-- what was committed before it, so also what was committed while a lock was waited for.
-- Run again by a migration when it changes.

-- Calendars and spaces, in one order for everybody: bookings wait for one another and never deadlock. A space's lock is
-- the same for all practices that use it; the trigger that refuses taken time takes the same ones.
CREATE OR REPLACE FUNCTION lock_times(calendars uuid[], spaces uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(name, 0) AS key
          FROM (SELECT 'calendar:' || id AS name FROM unnest(calendars) AS id
                UNION ALL SELECT 'space:' || id FROM unnest(spaces) AS id) AS named
         ORDER BY key) AS sorted;
END $$;

-- Locks them, and frees what expired holds kept there: in spaces those of other practices too.
CREATE OR REPLACE FUNCTION claim_times(practice uuid, calendars uuid[], spaces uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM lock_times(calendars, spaces);
    UPDATE scheduling_occupancy SET active = false
     WHERE practice_id = practice AND calendar_id = ANY (calendars) AND active AND kind = 'hold'
       AND expires_at <= clock_timestamp();
    IF cardinality(spaces) > 0 THEN
        PERFORM release_expired_holds(spaces);
    END IF;
END $$;

-- Takes all of these times and answers true, or none and false.
-- Refused is what overlaps something active: the calendar's normal and overbooked times alike, or the space's. The
-- look-up refuses what the exclusion constraint alone would let lie over an overbooked time; the constraint refuses what
-- the look-up cannot see, the trigger what stands in the same statement. Open books are told at the commit.
CREATE OR REPLACE FUNCTION take_times(
    practice uuid, ids uuid[], calendars uuid[], spaces uuid[], starts timestamptz[], ends timestamptz[], kinds text[],
    overbooks boolean[], keeps int[]
) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    taken int;
BEGIN
    PERFORM claim_times(practice, calendars, array_remove(spaces, NULL));
    BEGIN
        INSERT INTO scheduling_occupancy
            (id, practice_id, calendar_id, space_id, starts_at, ends_at, kind, active, overbooked, expires_at)
        SELECT wanted.id, practice, wanted.calendar_id, wanted.space_id, wanted.starts_at, wanted.ends_at, wanted.kind,
               true, wanted.overbooked, clock_timestamp() + wanted.keeps_minutes * interval '1 minute'
          FROM unnest(ids, calendars, spaces, starts, ends, kinds, overbooks, keeps)
               AS wanted (id, calendar_id, space_id, starts_at, ends_at, kind, overbooked, keeps_minutes)
         WHERE wanted.overbooked OR NOT EXISTS (
               SELECT 1 FROM scheduling_occupancy o
                WHERE o.practice_id = practice AND o.calendar_id = wanted.calendar_id AND o.active
                  AND o.ends_at > wanted.starts_at AND o.starts_at < wanted.ends_at)
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS taken = ROW_COUNT;
        IF taken < cardinality(ids) THEN
            RAISE EXCEPTION 'taken' USING ERRCODE = 'exclusion_violation';
        END IF;
    EXCEPTION WHEN exclusion_violation THEN
        RETURN false;
    END;
    PERFORM pg_notify('sprechzeit_book', practice || ' ' || id) FROM (SELECT DISTINCT unnest(calendars) AS id) AS changed;
    RETURN true;
END $$;
