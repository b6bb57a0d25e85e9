-- What lies behind the entries of the book (CAL-2 to CAL-4): weekly hours, shifts, absences and kept times of these
-- calendars, one row each, its numbers as the engine takes them. A function, so that its plan is made once a
-- connection: making it takes several times as long as following it. It acts as who calls it, under row security.
-- Run again by a migration when it changes.

-- Weekly times: weekday, starts, ends, valid from, valid until, every n weeks. Shifts: day, starts, ends. Absences:
-- starts, ends, whether all day. Days are counted from 1970, absences in UTC minutes since then.
CREATE OR REPLACE FUNCTION book_grounds(
    wanted_practice uuid, wanted_calendars uuid[], first_day date, last_day date, since timestamptz, until timestamptz,
    with_absences boolean
)
RETURNS TABLE (what text, calendar_id uuid, numbers int[], reason text, type_ids uuid[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    epoch CONSTANT date := '1970-01-01';
BEGIN
    RETURN QUERY
    SELECT 'hours', one.calendar_id,
           ARRAY[one.weekday, one.starts, one.ends, coalesce(one.valid_from - epoch, -1000000),
                 coalesce(one.valid_until - epoch, 1000000), one.every_weeks]::int[], NULL::text, NULL::uuid[]
      FROM scheduling_workinghours one
     WHERE one.practice_id = wanted_practice AND one.calendar_id = ANY (wanted_calendars)
    UNION ALL
    SELECT 'shift', one.calendar_id, ARRAY[one.works_on - epoch, one.starts, one.ends]::int[], NULL, NULL
      FROM scheduling_shift one
     WHERE one.practice_id = wanted_practice AND one.calendar_id = ANY (wanted_calendars)
       AND one.works_on BETWEEN first_day AND last_day
    UNION ALL
    SELECT 'absence', one.calendar_id,
           ARRAY[floor(date_part('epoch', one.starts_at) / 60), floor(date_part('epoch', one.ends_at) / 60),
                 one.all_day::int]::int[], one.reason::text, NULL
      FROM scheduling_absence one
     WHERE with_absences AND one.practice_id = wanted_practice
       AND (one.calendar_id = ANY (wanted_calendars) OR one.calendar_id IS NULL)
       AND one.starts_at < until AND one.ends_at > since
    UNION ALL
    SELECT 'kept', one.calendar_id,
           ARRAY[one.weekday, one.starts, one.ends, coalesce(one.valid_from - epoch, -1000000),
                 coalesce(one.valid_until - epoch, 1000000), one.every_weeks]::int[], NULL,
           ARRAY(SELECT kept.type_id FROM scheduling_bookingwindowtype kept
                  WHERE kept.practice_id = one.practice_id AND kept.window_id = one.id)
      FROM scheduling_bookingwindow one
     WHERE one.practice_id = wanted_practice
       AND (one.calendar_id = ANY (wanted_calendars) OR one.calendar_id IS NULL);
END $$;
