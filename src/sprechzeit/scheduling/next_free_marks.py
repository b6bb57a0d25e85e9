"""How the database notes that a kept next free time is out of date. SQL, used by a migration and by race tests.

By triggers, so that no way of changing the book can forget it: the mark is part of the transaction of the change, and
so is the job, deferred by whoever finds a time up to date. In a practice that keeps none a change costs one look-up.
"""

# Raises the change number of a calendar's kept times, or of a whole practice's. The job that follows needs no lock of
# the queue: while one is due, all kept times that it will look at are out of date already, and defer nothing.
MARK = """
CREATE FUNCTION mark_next_free(practice uuid, calendar uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    awaken boolean;
BEGIN
    IF calendar IS NULL THEN
        WITH marked AS (UPDATE scheduling_nextfree SET changes = changes + 1 WHERE practice_id = practice
                        RETURNING changes - 1 = computed AS was_right)
        SELECT bool_or(was_right) INTO awaken FROM marked;
    ELSE
        WITH marked AS (UPDATE scheduling_nextfree SET changes = changes + 1
                         WHERE practice_id = practice AND calendar_id = calendar
                        RETURNING changes - 1 = computed AS was_right)
        SELECT bool_or(was_right) INTO awaken FROM marked;
    END IF;
    IF awaken THEN
        PERFORM defer_next_free(practice);
    END IF;
END $$
"""

DEFER = """
CREATE FUNCTION defer_next_free(practice uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', 'scheduling.keep_next_free', 0, 'practice_id:' || practice, NULL,
        jsonb_build_object('practice_id', practice), NULL)::procrastinate_job_to_defer_v1]);
END $$
"""

# A room that is taken concerns those who were to have it about then (an appointment and its buffers reach a day each);
# one that is free again, those who may now come earlier. Of the same practice only: nobody sees into another. What
# another transaction marks already is left to it: two bookings that mark each other's calendars would wait in a circle.
MARK_ROOM = """
CREATE FUNCTION mark_next_free_in_space(practice uuid, space uuid, is_taken boolean, since int, until int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    awaken boolean;
BEGIN
    IF is_taken THEN
        WITH concerned AS (SELECT id FROM scheduling_nextfree
                            WHERE practice_id = practice AND starts > since - 2880 AND starts < until + 1440
                              AND room_id = ANY (ARRAY(SELECT r.id FROM practice_room r
                                                        WHERE r.practice_id = practice AND r.space_id = space))
                              FOR NO KEY UPDATE SKIP LOCKED),
             marked AS (UPDATE scheduling_nextfree SET changes = changes + 1 WHERE id IN (SELECT id FROM concerned)
                        RETURNING changes - 1 = computed AS was_right)
        SELECT bool_or(was_right) INTO awaken FROM marked;
    ELSE
        WITH concerned AS (SELECT id FROM scheduling_nextfree
                            WHERE practice_id = practice
                              AND (starts IS NULL OR room_id IS NOT NULL AND starts > since - 1440)
                              FOR NO KEY UPDATE SKIP LOCKED),
             marked AS (UPDATE scheduling_nextfree SET changes = changes + 1 WHERE id IN (SELECT id FROM concerned)
                        RETURNING changes - 1 = computed AS was_right)
        SELECT bool_or(was_right) INTO awaken FROM marked;
    END IF;
    IF awaken THEN
        PERFORM defer_next_free(practice);
    END IF;
END $$
"""

# An expired hold keeps nothing, so giving it back changes nothing (and may be done for another practice).
TIME_CHANGED = """
CREATE FUNCTION taken_time_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched scheduling_occupancy := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM scheduling_nextfree WHERE practice_id = touched.practice_id) THEN
        RETURN NULL;
    END IF;
    PERFORM mark_next_free(touched.practice_id, touched.calendar_id);
    IF touched.space_id IS NOT NULL THEN
        PERFORM mark_next_free_in_space(
            touched.practice_id, touched.space_id, TG_OP <> 'DELETE' AND touched.active,
            floor(extract(epoch FROM touched.starts_at) / 60)::int,
            ceil(extract(epoch FROM touched.ends_at) / 60)::int);
    END IF;
    RETURN NULL;
END $$
"""

CALENDAR_CHANGED = """
CREATE FUNCTION calendar_hours_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM mark_next_free(NEW.practice_id, NEW.calendar_id);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM mark_next_free(OLD.practice_id, OLD.calendar_id);
    END IF;
    RETURN NULL;
END $$
"""

# Row security leaves the practices that somebody acts in: a change of the rules is theirs.
RULES_CHANGED = """
CREATE FUNCTION booking_rules_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM mark_next_free(practice_id, NULL) FROM (SELECT DISTINCT practice_id FROM scheduling_nextfree) AS keeping;
    RETURN NULL;
END $$
"""

TIME_TRIGGERS = [
    "CREATE TRIGGER next_free_taken AFTER INSERT ON scheduling_occupancy FOR EACH ROW WHEN (NEW.active) "
    "EXECUTE FUNCTION taken_time_changed()",
    "CREATE TRIGGER next_free_changed AFTER UPDATE OF active ON scheduling_occupancy FOR EACH ROW "
    "WHEN (OLD.active IS DISTINCT FROM NEW.active AND (NEW.expires_at IS NULL OR NEW.expires_at > clock_timestamp())) "
    "EXECUTE FUNCTION taken_time_changed()",
    "CREATE TRIGGER next_free_removed AFTER DELETE ON scheduling_occupancy FOR EACH ROW WHEN (OLD.active) "
    "EXECUTE FUNCTION taken_time_changed()",
]

# Working time of one calendar, or of all where the row names none.
OF_CALENDARS = ("workinghours", "shift", "absence", "bookingwindow")
OF_PRACTICES = {
    "scheduling_appointmenttype": "INSERT OR DELETE OR UPDATE",
    "scheduling_offering": "INSERT OR DELETE OR UPDATE",
    "scheduling_offeringroom": "INSERT OR DELETE OR UPDATE",
    "scheduling_bookingwindowtype": "INSERT OR DELETE OR UPDATE",
    "scheduling_openholiday": "INSERT OR DELETE OR UPDATE",
    "scheduling_calendar": "UPDATE OF retired_at, member_id",
    "practice_room": "UPDATE OF retired_at, space_id",
    "practice_practice": "UPDATE OF zone_name, region",
}

STATEMENTS = [
    DEFER,
    MARK,
    MARK_ROOM,
    TIME_CHANGED,
    CALENDAR_CHANGED,
    RULES_CHANGED,
    *TIME_TRIGGERS,
    *(
        f"CREATE TRIGGER next_free_changed AFTER INSERT OR UPDATE OR DELETE ON scheduling_{table} FOR EACH ROW "
        "EXECUTE FUNCTION calendar_hours_changed()"
        for table in OF_CALENDARS
    ),
    *(
        f"CREATE TRIGGER next_free_changed AFTER {what} ON {table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION booking_rules_changed()"
        for table, what in OF_PRACTICES.items()
    ),
]

# Since what is booked may take place by video (PUSH-3, PUSH-4).
VIDEO = [
    "DROP TRIGGER next_free_changed ON practice_practice",
    "DROP TRIGGER next_free_changed ON scheduling_calendar",
    *(
        f"CREATE TRIGGER next_free_changed AFTER {what} ON {table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION booking_rules_changed()"
        for table, what in {
            "practice_practice": "UPDATE OF zone_name, region, online_location",
            "practice_videoservice": "INSERT OR DELETE OR UPDATE OF kind, is_on",
            "scheduling_calendar": "UPDATE OF retired_at, member_id, video_reference",
        }.items()
    ),
]
