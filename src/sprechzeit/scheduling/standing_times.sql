-- The times that a visitor's holds have: of this page, of this secret, and from this address. A function, so that its
-- plan is made once a connection, and because it looks after it has waited: presses from one address (if one is named)
-- wait for one another, before calendars and spaces, as for a quota. It acts as who calls it, under row security.
-- Run again by a migration when it changes.
CREATE OR REPLACE FUNCTION standing_times(practice uuid, token bytea, page bytea, visitor bytea)
RETURNS TABLE (id uuid, calendar_id uuid, space_id uuid, is_mine boolean, counts boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF visitor IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('holds:' || practice || ':' || encode(visitor, 'hex'), 0));
    END IF;
    RETURN QUERY
    SELECT taken.id, taken.calendar_id, taken.space_id,
           hold.token_hash = token OR coalesce(hold.form = page, false),
           coalesce(hold.address = visitor, false) AND taken.kind = 'hold' AND taken.expires_at > clock_timestamp()
      FROM scheduling_hold hold JOIN scheduling_occupancy taken ON taken.id = hold.occupancy_id
     WHERE hold.practice_id = practice AND taken.practice_id = practice AND taken.active
       AND (hold.token_hash = token OR hold.form = page OR hold.address = visitor);
END $$;
