-- A visitor's hold by the hash of its secret, with all that the pages and the confirmation need of it. A function, so that
-- its plan is made once a connection: making it takes five times as long as following it. It acts as who calls it, under
-- row security. `locks`: and nobody else changes the hold until the transaction ends; what is answered is as it stands
-- since, because each statement of a function sees what was committed before it.
-- Run again by a migration when it changes.
CREATE OR REPLACE FUNCTION hold_of_token(wanted_practice uuid, token bytea, locks boolean)
RETURNS TABLE (
    hold scheduling_hold, occupancy scheduling_occupancy, type scheduling_appointmenttype, calendar scheduling_calendar,
    booked scheduling_appointment, practice practice_practice,
    logo_id uuid, logo_practice_id uuid, logo_digest text, logo_width int, logo_height int, logo_created_at timestamptz
)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    IF locks THEN
        PERFORM 1 FROM scheduling_hold one WHERE one.practice_id = wanted_practice AND one.token_hash = token FOR UPDATE;
    END IF;
    RETURN QUERY
    SELECT one_hold, one_occupancy, one_type, one_calendar, one_booked, one_practice,
           one_logo.id, one_logo.practice_id, one_logo.digest::text, one_logo.width::int, one_logo.height::int,
           one_logo.created_at
      FROM scheduling_hold one_hold
      JOIN scheduling_occupancy one_occupancy ON one_occupancy.id = one_hold.occupancy_id
      JOIN scheduling_appointmenttype one_type ON one_type.id = one_hold.type_id
      JOIN scheduling_calendar one_calendar ON one_calendar.id = one_hold.calendar_id
      JOIN practice_practice one_practice ON one_practice.id = one_hold.practice_id
      LEFT JOIN scheduling_appointment one_booked ON one_booked.id = one_hold.appointment_id
      LEFT JOIN practice_logo one_logo ON one_logo.practice_id = one_hold.practice_id
     WHERE one_hold.practice_id = wanted_practice AND one_hold.token_hash = token;
END $$;
