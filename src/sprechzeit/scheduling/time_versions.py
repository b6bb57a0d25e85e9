"""How the database says that remembered time is out of date (core.versions). SQL, used by a migration.

By triggers, so that no way of changing the book can forget it. Taken time raises its calendar and its space; hours,
types, rooms and all else that free times hang on raise the practice, since they change seldom.
"""

# A hold that ends raises nothing: what is remembered ends with the first hold in it. So confirming one, or giving back
# one that has expired, raises nothing either (but in its last minute): taken it stays, or free it was.
TIME_CHANGED = """
CREATE FUNCTION taken_time_raises() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    subjects uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        subjects := ARRAY(SELECT unnest(ARRAY[one.calendar_id, one.space_id]) FROM changed one WHERE one.active);
    ELSIF TG_OP = 'DELETE' THEN
        subjects := ARRAY(SELECT unnest(ARRAY[one.calendar_id, one.space_id]) FROM former one WHERE one.active);
    ELSE
        subjects := ARRAY(
            SELECT unnest(ARRAY[was.calendar_id, was.space_id, one.calendar_id, one.space_id])
              FROM changed one JOIN former was USING (id)
             WHERE (one.active OR was.active AND coalesce(was.expires_at > clock_timestamp(), true))
               AND ((one.active, one.calendar_id, one.space_id, one.starts_at, one.ends_at) IS DISTINCT FROM
                    (was.active, was.calendar_id, was.space_id, was.starts_at, was.ends_at)
                    OR one.expires_at < coalesce(was.expires_at, 'infinity')
                    -- Confirmed or kept longer at the last moment: who reads before the commit finds it expired.
                    OR was.expires_at < clock_timestamp() + interval '1 minute'
                       AND coalesce(one.expires_at, 'infinity') > was.expires_at));
    END IF;
    IF subjects <> '{}' THEN
        PERFORM raise_versions(subjects);
    END IF;
    RETURN NULL;
END $$
"""

# Since communities are there, other practices' open books are told too (CAL-14, COM-3).
TIME_CHANGED_AND_TOLD = TIME_CHANGED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "PERFORM raise_versions(subjects);", "PERFORM raise_versions(subjects);\n        PERFORM tell_neighbours(subjects);"
)

# The argument is the column with the practice.
RULES_CHANGED = """
CREATE FUNCTION rules_of_time_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM raise_versions(ARRAY[(to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END) ->> TG_ARGV[0])::uuid]);
    RETURN NULL;
END $$
"""

# What free times hang on.
_RULES = {
    "practice_practice": "UPDATE OF zone_name, region",
    "practice_room": "INSERT OR DELETE OR UPDATE",
    **{
        f"scheduling_{name}": "INSERT OR DELETE OR UPDATE"
        for name in (
            "absence", "bookingwindow", "bookingwindowtype", "calendar", "offering", "offeringroom", "openholiday",
            "shift", "workinghours",
        )
    },
}  # fmt: skip

# All that calendar_times.sql reads but taken time; a test compares them.
RULES = _RULES | {
    "practice_practice": "UPDATE OF zone_name, region, online_location",
    "practice_videoservice": "INSERT OR DELETE OR UPDATE OF kind, is_on",
}


def _trigger(table: str, what: str) -> str:
    column = "id" if table == "practice_practice" else "practice_id"
    return (
        f"CREATE TRIGGER version_of_rules AFTER {what} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION rules_of_time_changed('{column}')"
    )


STATEMENTS = [
    TIME_CHANGED,
    RULES_CHANGED,
    "CREATE TRIGGER version_inserted AFTER INSERT ON scheduling_occupancy REFERENCING NEW TABLE AS changed "
    "FOR EACH STATEMENT EXECUTE FUNCTION taken_time_raises()",
    "CREATE TRIGGER version_updated AFTER UPDATE ON scheduling_occupancy REFERENCING OLD TABLE AS former "
    "NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION taken_time_raises()",
    "CREATE TRIGGER version_deleted AFTER DELETE ON scheduling_occupancy REFERENCING OLD TABLE AS former "
    "FOR EACH STATEMENT EXECUTE FUNCTION taken_time_raises()",
    *(_trigger(table, what) for table, what in _RULES.items()),
]

# Since what is booked may take place by video (PUSH-4).
VIDEO = [
    "DROP TRIGGER version_of_rules ON practice_practice",
    *(_trigger(table, RULES[table]) for table in ("practice_practice", "practice_videoservice")),
]
