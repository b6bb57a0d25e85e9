-- The functions of calendar communities that look across practices (COM-1…8); see crossing.sql.
-- A membership stands from when the practice agreed and the founder's side confirmed, until it ends. Nobody learns of
-- another practice more than its name, which of the community's spaces it uses, and when a space is taken.

-- A community with its founder's membership. Memberships are written by these functions alone: `app` may only say that
-- its practice agrees, and whether it shows its times.
CREATE OR REPLACE FUNCTION found_community(practice uuid, community uuid, member uuid, called text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_acting_in(practice);
    INSERT INTO community_community (id, name, founder_id, founded_at)
    VALUES (community, called, practice, clock_timestamp());
    INSERT INTO community_membership
        (id, practice_id, community_id, entered_at, agreed_at, confirmed_at, left_at, removed_by, shows_times)
    VALUES (member, practice, community, clock_timestamp(), clock_timestamp(), clock_timestamp(), NULL, '', false);
END $$;

-- The community that a code leads to, once: the practice is in it as one that has entered and has not agreed. NULL for a
-- code that never was, was used, renewed or is too old. The founder's log names the program, not who entered it.
CREATE OR REPLACE FUNCTION enter_community(practice uuid, hash bytea, member uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found uuid;
    entering text := current_setting('sprechzeit.actor', true);
BEGIN
    PERFORM require_acting_in(practice);
    PERFORM set_config('sprechzeit.actor', 'system', true);
    UPDATE community_communitycode c SET used_at = clock_timestamp()
     WHERE c.code_hash = hash AND c.used_at IS NULL AND c.expires_at > clock_timestamp()
    RETURNING c.community_id INTO found;
    PERFORM set_config('sprechzeit.actor', coalesce(entering, ''), true);
    IF found IS NOT NULL THEN
        INSERT INTO community_membership
            (id, practice_id, community_id, entered_at, agreed_at, confirmed_at, left_at, removed_by, shows_times)
        VALUES (member, practice, found, clock_timestamp(), NULL, NULL, NULL, '', false);
    END IF;
    RETURN found;
END $$;

-- Who is in the communities of the actor's practices: those that stand and oneself; for the founder those too who have
-- entered the code. `is_founder`: of the one that the row is about.
CREATE OR REPLACE FUNCTION community_members()
RETURNS TABLE (community_id uuid, id uuid, practice_name varchar, is_own boolean, is_founder boolean,
               entered_at timestamptz, agreed_at timestamptz, confirmed_at timestamptz, shows_times boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    practices CONSTANT uuid[] := string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[];
BEGIN
    RETURN QUERY
    SELECT m.community_id, m.id, p.name, m.practice_id = ANY (practices), m.practice_id = c.founder_id, m.entered_at,
           m.agreed_at, m.confirmed_at, m.shows_times
      FROM community_membership own
      JOIN community_community c ON c.id = own.community_id
      JOIN community_membership m ON m.community_id = own.community_id AND m.left_at IS NULL
      JOIN practice_practice p ON p.id = m.practice_id
     WHERE own.practice_id = ANY (practices) AND own.left_at IS NULL
       AND (m.practice_id = ANY (practices) OR c.founder_id = ANY (practices)
            OR m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL)
     ORDER BY m.practice_id <> c.founder_id, m.entered_at, m.id;
END $$;

-- Which standing member uses which of the community's spaces; to members that stand themselves.
CREATE OR REPLACE FUNCTION community_sharing() RETURNS TABLE (member_id uuid, community_space_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    practices CONSTANT uuid[] := string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[];
BEGIN
    RETURN QUERY
    SELECT DISTINCT m.id, s.id
      FROM community_membership own
      JOIN community_membership m ON m.community_id = own.community_id
      JOIN community_communityspace s ON s.community_id = own.community_id
      JOIN practice_room r ON r.practice_id = m.practice_id AND r.space_id = s.space_id
     WHERE own.practice_id = ANY (practices)
       AND own.agreed_at IS NOT NULL AND own.confirmed_at IS NOT NULL AND own.left_at IS NULL
       AND m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL AND m.left_at IS NULL;
END $$;

-- When others are busy, as far as a community shows it (COM-3, COM-8): in a space that both use; and without a space for
-- two that show each other their times and share none, all calendars of the other in one, so that nobody counts them.
-- Times with buffers, in minutes since 1970 (UTC); the practice's name, and in a shared space which member it is, since two
-- may bear one name; nothing else.
DROP FUNCTION IF EXISTS community_times(timestamptz, timestamptz);  -- what it returns has changed
CREATE OR REPLACE FUNCTION community_times(since timestamptz, until timestamptz)
RETURNS TABLE (space_id uuid, member_id uuid, practice_name varchar, starts int, ends int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    practices CONSTANT uuid[] := string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[];
BEGIN
    IF NOT EXISTS (SELECT FROM community_membership m WHERE m.practice_id = ANY (practices) AND m.left_at IS NULL) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH pairs AS (
        SELECT own.practice_id AS own_id, m.practice_id AS other_id, m.id AS member, own.community_id AS within,
               own.shows_times AND m.shows_times AS shown
          FROM community_membership own JOIN community_membership m ON m.community_id = own.community_id
         WHERE own.practice_id = ANY (practices) AND m.practice_id <> ALL (practices)
           AND own.agreed_at IS NOT NULL AND own.confirmed_at IS NOT NULL AND own.left_at IS NULL
           AND m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL AND m.left_at IS NULL
    ), shared AS (
        SELECT DISTINCT p.own_id, p.other_id, p.member, s.space_id AS space
          FROM pairs p
          JOIN community_communityspace s ON s.community_id = p.within
          JOIN practice_room mine ON mine.practice_id = p.own_id AND mine.space_id = s.space_id
          JOIN practice_room theirs ON theirs.practice_id = p.other_id AND theirs.space_id = s.space_id
    ), beside AS (
        SELECT DISTINCT p.other_id FROM pairs p
         WHERE p.shown AND NOT EXISTS (
               SELECT FROM shared x WHERE x.own_id = p.own_id AND x.other_id = p.other_id)
    ), busy AS (
        SELECT x.space, x.member, x.other_id, o.starts_at, o.ends_at
          FROM (SELECT DISTINCT shared.space, shared.member, shared.other_id FROM shared) x
          JOIN scheduling_occupancy o ON o.space_id = x.space AND o.practice_id = x.other_id
         WHERE o.active AND o.starts_at < until AND o.ends_at > since
           AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())
        UNION ALL
        SELECT NULL, NULL, merged.other_id, lower(merged.span), upper(merged.span) FROM (
            SELECT b.other_id, unnest(range_agg(tstzrange(o.starts_at, o.ends_at))) AS span
              FROM beside b JOIN scheduling_occupancy o ON o.practice_id = b.other_id
             WHERE o.active AND o.starts_at < until AND o.ends_at > since
               AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())
             GROUP BY b.other_id) merged
    )
    SELECT busy.space, busy.member, p.name, floor(date_part('epoch', busy.starts_at) / 60)::int,
           ceil(date_part('epoch', busy.ends_at) / 60)::int
      FROM busy JOIN practice_practice p ON p.id = busy.other_id
     ORDER BY 4, 5, 3;
END $$;

-- Where a practice's times in the space `here` would lie over those of others in a space of its community (COM-2).
CREATE OR REPLACE FUNCTION community_overlaps(practice uuid, here uuid, wanted uuid)
RETURNS TABLE (practice_name varchar, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_acting_in(practice);
    RETURN QUERY
    SELECT p.name, theirs.starts_at, theirs.ends_at
      FROM scheduling_occupancy mine
      JOIN scheduling_occupancy theirs
        ON theirs.space_id = wanted AND theirs.active AND theirs.practice_id <> practice
       AND theirs.starts_at < mine.ends_at AND theirs.ends_at > mine.starts_at
       AND (theirs.expires_at IS NULL OR theirs.expires_at > clock_timestamp())
      JOIN practice_practice p ON p.id = theirs.practice_id
     WHERE mine.space_id = here AND mine.practice_id = practice AND mine.active AND mine.ends_at > clock_timestamp()
       AND (mine.expires_at IS NULL OR mine.expires_at > clock_timestamp())
       AND EXISTS (SELECT FROM community_communityspace s JOIN community_membership m ON m.community_id = s.community_id
                    WHERE s.space_id = wanted AND m.practice_id = practice AND m.left_at IS NULL
                      AND m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL)
     GROUP BY p.name, theirs.starts_at, theirs.ends_at
     ORDER BY theirs.starts_at;
END $$;

-- The founder's side takes a practice in that has entered the code. Whether there was one.
CREATE OR REPLACE FUNCTION confirm_membership(practice uuid, member uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    confirming text := current_setting('sprechzeit.actor', true);
    done boolean;
BEGIN
    PERFORM require_acting_in(practice);
    PERFORM set_config('sprechzeit.actor', 'system', true);
    UPDATE community_membership m SET confirmed_at = clock_timestamp()
     WHERE m.id = member AND m.confirmed_at IS NULL AND m.left_at IS NULL
       AND EXISTS (SELECT FROM community_community c WHERE c.id = m.community_id AND c.founder_id = practice);
    done := FOUND;
    PERFORM set_config('sprechzeit.actor', coalesce(confirming, ''), true);
    RETURN done;
END $$;

-- Ends a membership: one's own, or as the founder another's. Whose it was, so that its rooms are its own again; NULL if
-- there is none. Where the founder leaves, who has been in it the longest is the founder; the last one ends it, for those
-- too who only wait. The founder's code is dead with them.
CREATE OR REPLACE FUNCTION end_membership(practice uuid, member uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ending text := current_setting('sprechzeit.actor', true);
    whose uuid;
    community uuid;
    next_founder uuid;
BEGIN
    PERFORM require_acting_in(practice);
    SELECT m.practice_id, m.community_id INTO whose, community
      FROM community_membership m JOIN community_community c ON c.id = m.community_id
     WHERE m.id = member AND m.left_at IS NULL AND (m.practice_id = practice OR c.founder_id = practice)
       FOR UPDATE OF m;
    IF whose IS NULL THEN
        RETURN NULL;
    END IF;
    IF whose <> practice THEN
        PERFORM set_config('sprechzeit.actor', 'system', true);
    END IF;
    UPDATE community_membership m
       SET left_at = clock_timestamp(),
           removed_by = CASE WHEN whose = practice THEN ''
                             ELSE (SELECT p.name FROM practice_practice p WHERE p.id = practice) END
     WHERE m.id = member;
    PERFORM set_config('sprechzeit.actor', coalesce(ending, ''), true);
    IF EXISTS (SELECT FROM community_community c WHERE c.id = community AND c.founder_id = whose) THEN
        DELETE FROM community_communitycode c WHERE c.community_id = community;
        SELECT m.practice_id INTO next_founder FROM community_membership m
         WHERE m.community_id = community AND m.left_at IS NULL
           AND m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL
         ORDER BY m.entered_at, m.id LIMIT 1;
        IF next_founder IS NOT NULL THEN
            UPDATE community_community c SET founder_id = next_founder WHERE c.id = community;
        ELSE
            PERFORM set_config('sprechzeit.actor', 'system', true);
            UPDATE community_membership m SET left_at = clock_timestamp()
             WHERE m.community_id = community AND m.left_at IS NULL;
            PERFORM set_config('sprechzeit.actor', coalesce(ending, ''), true);
        END IF;
    END IF;
    RETURN whose;
END $$;

-- Takes a shared room out of its community, for good, unless a practice has assigned one of its rooms to it: then the
-- names of those that have, to a member that stands as they do. NULL where there is no such room for the practice.
CREATE OR REPLACE FUNCTION remove_community_space(practice uuid, wanted uuid) RETURNS varchar[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    used_by varchar[];
BEGIN
    PERFORM require_acting_in(practice);
    IF NOT EXISTS (SELECT FROM community_communityspace s JOIN community_membership m ON m.community_id = s.community_id
                    WHERE s.id = wanted AND m.practice_id = practice AND m.left_at IS NULL
                      AND m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    used_by := ARRAY(SELECT DISTINCT p.name FROM community_communityspace s
                       JOIN practice_room r ON r.space_id = s.space_id
                       JOIN practice_practice p ON p.id = r.practice_id
                      WHERE s.id = wanted ORDER BY p.name);
    IF used_by = '{}' THEN
        DELETE FROM community_communityspace s WHERE s.id = wanted;
    END IF;
    RETURN used_by;
END $$;

-- What happened, in the log of each practice that it concerns: those that stand, the one that did it, and the
-- member `also` that does not stand yet; by which practice and about what, and never by whom of it but in its own log.
CREATE OR REPLACE FUNCTION note_in_community(practice uuid, community uuid, what text, subject text, also uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    noting text := current_setting('sprechzeit.actor', true);
    told uuid;
BEGIN
    PERFORM require_acting_in(practice);
    IF NOT EXISTS (SELECT FROM community_membership m WHERE m.community_id = community AND m.practice_id = practice
                      AND m.left_at IS NULL) THEN
        RETURN;
    END IF;
    FOR told IN
        SELECT m.practice_id FROM community_membership m
         WHERE m.community_id = community AND m.left_at IS NULL
           AND (m.practice_id = practice OR m.id = also OR m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL)
         ORDER BY m.practice_id
    LOOP
        PERFORM set_config('sprechzeit.actor', CASE WHEN told = practice THEN coalesce(noting, '') ELSE 'system' END, true);
        INSERT INTO community_communityevent (id, practice_id, community_id, kind, by_name, concerns, at)
        SELECT gen_random_uuid(), told, community, what, p.name, subject, clock_timestamp()
          FROM practice_practice p WHERE p.id = practice;
        PERFORM pg_notify('sprechzeit_book', told || ' ' || told);
    END LOOP;
    PERFORM set_config('sprechzeit.actor', coalesce(noting, ''), true);
END $$;

-- Open books of other practices look again when a space changed that they use, or when who shows them its times did:
-- that something changed, and nothing of what. `changed`: calendars and spaces.
CREATE OR REPLACE FUNCTION tell_neighbours(changed uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    practices CONSTANT uuid[] := string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[];
BEGIN
    PERFORM pg_notify('sprechzeit_book', told.id || ' ' || told.id) FROM (
        SELECT r.practice_id AS id FROM practice_room r
         WHERE r.space_id = ANY (changed) AND r.practice_id <> ALL (practices)
        UNION
        SELECT m.practice_id FROM community_membership own
          JOIN community_membership m ON m.community_id = own.community_id AND m.left_at IS NULL AND m.shows_times
         WHERE own.practice_id = ANY (practices) AND own.left_at IS NULL AND own.shows_times
           AND m.practice_id <> ALL (practices)) AS told;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'found_community(uuid, uuid, uuid, text)', 'enter_community(uuid, bytea, uuid)', 'community_members()',
        'community_sharing()', 'community_times(timestamptz, timestamptz)', 'community_overlaps(uuid, uuid, uuid)',
        'confirm_membership(uuid, uuid)', 'end_membership(uuid, uuid)', 'note_in_community(uuid, uuid, text, text, uuid)',
        'tell_neighbours(uuid[])', 'remove_community_space(uuid, uuid)'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO sprechzeit_crossing', name);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sprechzeit_app, sprechzeit_owner', name);
    END LOOP;
END $$;
