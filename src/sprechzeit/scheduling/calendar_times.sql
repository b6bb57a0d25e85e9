-- What the engine must know of each calendar, as integers (CAL-9): making models and datetimes of thousands of rows would
-- cost more than the whole computation. A function, so that its plan is made once a connection: making it costs twice
-- as much as following it. It acts as who calls it, under row security. Run again by a migration when it changes.

-- Weekly times: weekday, starts, ends, valid from, valid until, every n weeks, and for windows whether they are kept for
-- the type. Days are counted from 1970, times are UTC minutes since then. Subqueries by calendar keep to its indexes,
-- however much other calendars hold.
DROP FUNCTION IF EXISTS calendar_times(uuid, uuid, uuid[], date, date, boolean);
CREATE OR REPLACE FUNCTION calendar_times(
    wanted_practice uuid, wanted_type uuid, wanted_calendars uuid[], first_day date, last_day date, with_rooms boolean
)
RETURNS TABLE (
    id uuid, name text, initials text, colour int, place int, reference text, member_id uuid,
    zone_name text, region text, plan text, open_holidays date[], offered boolean, duration int,
    hours int[], shifts int[], windows int[],
    absent int[], busy bytea, held_until timestamptz, rooms text[],
    online_location text, video_kind text, has_video_reference boolean
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    epoch CONSTANT date := '1970-01-01';
    since CONSTANT timestamptz := first_day::timestamp AT TIME ZONE 'UTC';
    until CONSTANT timestamptz := (last_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    RETURN QUERY
    SELECT calendar.id, calendar.name::text, calendar.initials::text, calendar.colour::int, calendar.position::int,
           calendar.reference::text, calendar.member_id, practice.zone_name::text, practice.region::text,
           practice.plan::text,
           (SELECT array_agg(one.open_on) FROM scheduling_openholiday one
             WHERE one.practice_id = calendar.practice_id AND one.open_on BETWEEN first_day AND last_day),
           offering.id IS NOT NULL, offering.duration::int,
           (SELECT array_agg(ARRAY[one.weekday, one.starts, one.ends, coalesce(one.valid_from - epoch, -1000000),
                                   coalesce(one.valid_until - epoch, 1000000), one.every_weeks]::int[])
              FROM scheduling_workinghours one
             WHERE one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id),
           (SELECT array_agg(ARRAY[one.works_on - epoch, one.starts, one.ends]::int[]) FROM scheduling_shift one
             WHERE one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id
               AND one.works_on BETWEEN first_day AND last_day),
           (SELECT array_agg(ARRAY[one.weekday, one.starts, one.ends, coalesce(one.valid_from - epoch, -1000000),
                                   coalesce(one.valid_until - epoch, 1000000), one.every_weeks, (EXISTS (
                       SELECT FROM scheduling_bookingwindowtype kept
                        WHERE kept.practice_id = one.practice_id AND kept.window_id = one.id
                          AND kept.type_id = wanted_type))::int]::int[])
              FROM scheduling_bookingwindow one
             WHERE one.practice_id = calendar.practice_id
               AND (one.calendar_id = calendar.id OR one.calendar_id IS NULL)),
           absent.times, busy.times, busy.held_until,
           CASE WHEN with_rooms THEN
               (SELECT array_agg(ARRAY[room.id::text, room.space_id::text]
                                 ORDER BY allowed.position, room.position, room.name)
                  FROM scheduling_offeringroom allowed
                  JOIN practice_room room ON room.practice_id = allowed.practice_id AND room.id = allowed.room_id
                 WHERE allowed.practice_id = calendar.practice_id AND allowed.offering_id = offering.id
                   AND room.retired_at IS NULL
                   -- Of more rooms than the plan has, those that came last are closed (is_room_open says the same).
                   AND (of_plan.rooms IS NULL OR of_plan.rooms > (
                       SELECT count(*) FROM practice_room older
                        WHERE older.practice_id = room.practice_id AND older.retired_at IS NULL AND older.id < room.id)))
           END,
           practice.online_location::text, service.kind::text, calendar.video_reference <> ''
      FROM practice_practice practice
      CROSS JOIN LATERAL limits_of_plan(practice.plan) of_plan
      JOIN scheduling_calendar calendar ON calendar.practice_id = practice.id
      LEFT JOIN scheduling_offering offering
        ON offering.practice_id = calendar.practice_id AND offering.calendar_id = calendar.id
       AND offering.type_id = wanted_type
      LEFT JOIN practice_videoservice service ON service.practice_id = practice.id AND service.is_on
      LEFT JOIN LATERAL (
           SELECT array_agg(floor(date_part('epoch', one.starts_at) / 60)::int ORDER BY one.starts_at)
               || array_agg(ceil(date_part('epoch', one.ends_at) / 60)::int ORDER BY one.starts_at) AS times
             FROM scheduling_absence one
            WHERE one.practice_id = calendar.practice_id
              AND (one.calendar_id = calendar.id OR one.calendar_id IS NULL)
              AND one.ends_at > since AND one.starts_at < until) absent ON true
      LEFT JOIN LATERAL (
           SELECT array_send(array_agg(floor(date_part('epoch', one.starts_at) / 60)::int ORDER BY one.starts_at)
                          || array_agg(ceil(date_part('epoch', one.ends_at) / 60)::int ORDER BY one.starts_at)) AS times,
                  min(one.expires_at) AS held_until
             FROM scheduling_occupancy one
            WHERE one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id AND one.active
              AND one.ends_at > since AND one.starts_at < until
              AND (one.expires_at IS NULL OR one.expires_at > clock_timestamp())) busy ON true
     WHERE practice.id = wanted_practice AND calendar.retired_at IS NULL
       AND CASE WHEN wanted_calendars IS NULL THEN offering.id IS NOT NULL ELSE calendar.id = ANY (wanted_calendars) END
     ORDER BY calendar.position, calendar.name;
END $$;
