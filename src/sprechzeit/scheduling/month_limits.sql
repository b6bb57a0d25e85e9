-- How many appointments a practitioner has in a month, and that there are never more than the plan allows (PLAN-2,
-- PLAN-3). What is counted takes place in the month, on the practice's clock: each taken time once, be it a group's; a
-- cancelled one has no time. A calendar of nobody counts for itself. A practice without a limit pays one look-up.
-- All of it acts as who calls it, under row security. Run again by a migration when it changes.

-- Appointments last a day at the most (a constraint), so those that end a day after it are enough to look at.
CREATE OR REPLACE FUNCTION appointments_of(practice uuid, practitioner uuid, since timestamptz, until timestamptz)
RETURNS int
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT count(DISTINCT one.occupancy_id)
          FROM scheduling_calendar calendar
          JOIN scheduling_appointment one
            ON one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id
           AND one.ends_at > since AND one.ends_at < until + interval '1 day'
           AND one.starts_at >= since AND one.starts_at < until
          JOIN scheduling_occupancy taken
            ON taken.practice_id = one.practice_id AND taken.id = one.occupancy_id
           AND taken.active AND taken.kind = 'appointment'
         WHERE calendar.practice_id = practice AND coalesce(calendar.member_id, calendar.id) = practitioner);
END $$;

-- The use of some months: one row for each practitioner of the calendars and each month that touches these days. In which
-- order, the caller says.
CREATE OR REPLACE FUNCTION use_of_months(wanted_practice uuid, calendars uuid[], first_day date, last_day date)
RETURNS TABLE (practitioner uuid, month date, since timestamptz, until timestamptz, used int)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT one.who, each.first::date, each.first AT TIME ZONE practice.zone_name,
           (each.first + interval '1 month') AT TIME ZONE practice.zone_name,
           appointments_of(wanted_practice, one.who, each.first AT TIME ZONE practice.zone_name,
                           (each.first + interval '1 month') AT TIME ZONE practice.zone_name)
      FROM practice_practice practice,
           generate_series(date_trunc('month', first_day::timestamp), last_day::timestamp, interval '1 month') AS each (first),
           (SELECT DISTINCT coalesce(calendar.member_id, calendar.id) AS who FROM scheduling_calendar calendar
             WHERE calendar.practice_id = wanted_practice AND calendar.id = ANY (calendars)) AS one
     WHERE practice.id = wanted_practice;
END $$;

-- The months among these days in which a calendar takes nothing more, in UTC minutes since 1970. An appointment that
-- would be `moved` counts already: its own month is not full for it.
CREATE OR REPLACE FUNCTION full_months(
    wanted_practice uuid, calendars uuid[], most int, first_day date, last_day date, moved uuid
)
RETURNS TABLE (calendar_id uuid, starts int, ends int)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT calendar.id, (extract(epoch FROM found.since) / 60)::int, (extract(epoch FROM found.until) / 60)::int
      FROM use_of_months(wanted_practice, calendars, first_day, last_day) found
      JOIN scheduling_calendar calendar
        ON calendar.practice_id = wanted_practice AND calendar.id = ANY (calendars)
       AND coalesce(calendar.member_id, calendar.id) = found.practitioner
     WHERE found.used >= most
       AND NOT EXISTS (
           SELECT 1 FROM scheduling_appointment own
             JOIN scheduling_occupancy taken
               ON taken.practice_id = own.practice_id AND taken.id = own.occupancy_id AND taken.active
             JOIN scheduling_calendar there ON there.practice_id = own.practice_id AND there.id = own.calendar_id
            WHERE own.practice_id = wanted_practice AND own.id = moved
              AND coalesce(there.member_id, there.id) = found.practitioner
              AND own.starts_at >= found.since AND own.starts_at < found.until)
     ORDER BY calendar.id, found.since;
END $$;

-- Refuses one appointment too many. Whoever is counted waits for the others of the same month, and sees theirs: each
-- statement of a function sees what was committed before it. This lock comes last of all (docs/decisions/0012-plans.md).
-- From 80 % on the practice is told, once: by a job, in the transaction of the appointment that did it.
CREATE OR REPLACE FUNCTION keep_month_of_plan(wanted_practice uuid, calendar uuid, starts timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    allowed record;
    practitioner uuid;
    month timestamp;
    used int;
    notice CONSTANT uuid := gen_random_uuid();
BEGIN
    SELECT p.plan, p.zone_name, l.appointments INTO allowed
      FROM practice_practice p, limits_of_plan(p.plan) l WHERE p.id = wanted_practice;
    IF allowed.appointments IS NULL THEN
        RETURN;
    END IF;
    SELECT coalesce(c.member_id, c.id) INTO practitioner
      FROM scheduling_calendar c WHERE c.practice_id = wanted_practice AND c.id = calendar;
    month := date_trunc('month', starts AT TIME ZONE allowed.zone_name);
    PERFORM lock_month(wanted_practice, practitioner, month::date);
    used := appointments_of(wanted_practice, practitioner, month AT TIME ZONE allowed.zone_name,
                            (month + interval '1 month') AT TIME ZONE allowed.zone_name);
    IF used > allowed.appointments THEN
        RAISE EXCEPTION 'the month is full'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'month_of_plan', TABLE = 'scheduling_appointment',
                    DETAIL = jsonb_build_object('plan', allowed.plan, 'month', month::date);
    END IF;
    IF used * 5 >= allowed.appointments * 4 THEN
        INSERT INTO scheduling_monthnotice (id, practice_id, calendar_id, practitioner, month)
        VALUES (notice, wanted_practice, calendar, practitioner, month::date)
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
                'default', 'scheduling.tell_of_month', 0, 'notice_id:' || notice, NULL,
                jsonb_build_object('practice_id', wanted_practice, 'notice_id', notice),
                NULL)::procrastinate_job_to_defer_v1]);
        END IF;
    END IF;
    IF used = allowed.appointments THEN
        PERFORM defer_month_turned(wanted_practice, practitioner);
    END IF;
END $$;

-- The kept next free times of a practitioner's calendars are out of date. They are marked by a job of its own transaction:
-- who holds the month here would wait for others who hold their calendars' kept times and wait for the month.
CREATE OR REPLACE FUNCTION defer_month_turned(practice uuid, practitioner uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM scheduling_nextfree kept WHERE kept.practice_id = practice) THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'default', 'scheduling.month_turned', 0, 'practice_id:' || practice, NULL,
            jsonb_build_object('practice_id', practice, 'practitioner', practitioner),
            NULL)::procrastinate_job_to_defer_v1]);
    END IF;
END $$;

-- A calendar that another practitioner was given brings its appointments along: from the present month on, none of the
-- months in which it has some may now hold too many. In the order of time, so that two such never wait in a circle.
CREATE OR REPLACE FUNCTION keep_months_of_calendar(wanted_practice uuid, calendar uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first timestamptz;
BEGIN
    FOR first IN
        SELECT min(one.starts_at)
          FROM practice_practice practice
          JOIN scheduling_appointment one
            ON one.practice_id = practice.id AND one.calendar_id = calendar
           AND one.starts_at >= date_trunc('month', now() AT TIME ZONE practice.zone_name) AT TIME ZONE practice.zone_name
          JOIN scheduling_occupancy taken
            ON taken.practice_id = one.practice_id AND taken.id = one.occupancy_id
           AND taken.active AND taken.kind = 'appointment'
         WHERE practice.id = wanted_practice
         GROUP BY date_trunc('month', one.starts_at AT TIME ZONE practice.zone_name)
         ORDER BY 1
    LOOP
        PERFORM keep_month_of_plan(wanted_practice, calendar, first);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION lock_month(practice uuid, practitioner uuid, month date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('month:' || practice || ':' || practitioner || ':' || month, 0));
END $$;

-- An appointment that is entered, or given another month or practitioner. One that stays in its month is counted already.
CREATE OR REPLACE FUNCTION count_appointment() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND is_same_month(OLD.practice_id, OLD.calendar_id, OLD.starts_at, NEW.calendar_id, NEW.starts_at)
    THEN
        RETURN NULL;
    END IF;
    PERFORM keep_month_of_plan(NEW.practice_id, NEW.calendar_id, NEW.starts_at);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION is_same_month(
    practice uuid, calendar uuid, starts timestamptz, other_calendar uuid, other_starts timestamptz
) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT date_trunc('month', starts AT TIME ZONE p.zone_name)
                 = date_trunc('month', other_starts AT TIME ZONE p.zone_name)
              FROM practice_practice p WHERE p.id = practice)
       AND (SELECT count(DISTINCT coalesce(c.member_id, c.id)) = 1 FROM scheduling_calendar c
             WHERE c.practice_id = practice AND c.id IN (calendar, other_calendar));
END $$;

-- Time that is taken again: an appointment whose cancellation is undone.
CREATE OR REPLACE FUNCTION count_time_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM keep_month_of_plan(one.practice_id, one.calendar_id, one.starts_at)
       FROM scheduling_appointment one WHERE one.practice_id = NEW.practice_id AND one.occupancy_id = NEW.id;
    RETURN NULL;
END $$;

-- A month that was full may take one more. Nobody waits for the month here, so that others may be entering meanwhile
-- whom this one does not see: from 80 % on the job looks, when all of it is committed. Taken time has buffers, which may
-- reach into another month.
CREATE OR REPLACE FUNCTION month_has_room_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    allowed record;
BEGIN
    SELECT p.zone_name, l.appointments INTO allowed
      FROM practice_practice p, limits_of_plan(p.plan) l WHERE p.id = NEW.practice_id;
    IF allowed.appointments IS NULL
       OR NOT EXISTS (SELECT 1 FROM scheduling_nextfree kept WHERE kept.practice_id = NEW.practice_id) THEN
        RETURN NULL;
    END IF;
    PERFORM defer_month_turned(NEW.practice_id, found.practitioner)
       FROM (SELECT DISTINCT each.practitioner
               FROM use_of_months(NEW.practice_id, ARRAY[NEW.calendar_id],
                                  (NEW.starts_at AT TIME ZONE allowed.zone_name)::date,
                                  (NEW.ends_at AT TIME ZONE allowed.zone_name)::date) each
              WHERE (each.used + 1) * 5 >= allowed.appointments * 4) found;
    RETURN NULL;
END $$;

-- The free times of the practice whose plan has changed: an operator, who sees all practices, changes one.
CREATE OR REPLACE FUNCTION next_free_of_plan_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM mark_next_free(NEW.id, NULL);
    RETURN NULL;
END $$;
