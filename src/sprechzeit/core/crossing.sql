-- The few functions that look across practices or write the log (architecture §3, §7). All of them, here and
-- for communities in crossing_communities.sql.
-- They belong to sprechzeit_crossing, which cannot log in; `app` may call them and nothing else of it.
-- A test compares these files with the database's catalogue.

-- The log's trigger. Arguments: the column with the practice, then columns of which only a digest is kept.
CREATE OR REPLACE FUNCTION log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    whole jsonb := coalesce(new_row, old_row);
    salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    entry bigint;
    i int;
BEGIN
    FOR i IN 1 .. TG_NARGS - 1 LOOP
        IF old_row ->> TG_ARGV[i] IS NOT NULL THEN
            old_row := jsonb_set(old_row, ARRAY[TG_ARGV[i]],
                to_jsonb('sha256:' || encode(sha256(convert_to(old_row ->> TG_ARGV[i], 'UTF8')), 'hex')));
        END IF;
        IF new_row ->> TG_ARGV[i] IS NOT NULL THEN
            new_row := jsonb_set(new_row, ARRAY[TG_ARGV[i]],
                to_jsonb('sha256:' || encode(sha256(convert_to(new_row ->> TG_ARGV[i], 'UTF8')), 'hex')));
        END IF;
    END LOOP;
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(k, old_row -> k), jsonb_object_agg(k, new_row -> k)
          INTO old_row, new_row
          FROM jsonb_object_keys(new_row) k
         WHERE old_row -> k IS DISTINCT FROM new_row -> k;
        IF new_row IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit_entry
        (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, operation, reason, digest)
    VALUES (
        (whole ->> TG_ARGV[0])::uuid,
        clock_timestamp(),
        pg_current_xact_id()::text::bigint,
        coalesce(NULLIF(current_setting('sprechzeit.actor', true), ''), 'database:' || session_user),
        coalesce(current_setting('sprechzeit.request', true), ''),
        TG_TABLE_NAME,
        (whole ->> 'id')::uuid,
        coalesce(whole ->> 'patient_id', whole ->> 'appointment_id', whole ->> 'session_id', whole ->> 'note_id',
                 whole ->> 'id')::uuid,
        lower(TG_OP),
        '',
        sha256(salt || convert_to(coalesce(old_row::text, '') || chr(30) || coalesce(new_row::text, ''), 'UTF8'))
    ) RETURNING id INTO entry;
    INSERT INTO audit_value (entry_id, practice_id, salt, old, new)
    VALUES (entry, (whole ->> TG_ARGV[0])::uuid, salt, old_row, new_row);
    RETURN NULL;
END $$;

-- What is done for a practice is refused to who does not act in it. Without an actor the comparison is NULL: refused too.
CREATE OR REPLACE FUNCTION require_acting_in(practice uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (practice = ANY (string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[]))
       IS NOT TRUE THEN
        RAISE EXCEPTION 'not acting in this practice' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- An opening, a search, a list, an export, a refusal, written in the transaction that reads (AUD-2). Facts: how many, whom; salted.
-- The same by the same actor is not written again within `again_after` seconds: open pages refresh their lists.
CREATE OR REPLACE FUNCTION log_use(practice uuid, use text, used_table text, used_row uuid, why text, facts jsonb, again_after integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    entry bigint;
BEGIN
    PERFORM require_acting_in(practice);
    IF use NOT IN ('read', 'search', 'list', 'export', 'handed_out', 'refused') THEN
        RAISE EXCEPTION 'this is no use' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF again_after > 0 AND EXISTS (
        SELECT 1 FROM audit_entry e
         WHERE e.practice_id = practice AND e.row_id = used_row AND e.operation = use AND e.table_name = used_table
           AND e.actor = current_setting('sprechzeit.actor', true)
           AND e.at > clock_timestamp() - make_interval(secs => again_after)
    ) THEN
        RETURN;
    END IF;
    INSERT INTO audit_entry
        (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, operation, reason, digest)
    VALUES (practice, clock_timestamp(), pg_current_xact_id()::text::bigint, current_setting('sprechzeit.actor', true),
            coalesce(current_setting('sprechzeit.request', true), ''), used_table, used_row, used_row, use, why,
            CASE WHEN facts IS NULL THEN ''::bytea
                 ELSE sha256(salt || convert_to(chr(30) || facts::text, 'UTF8')) END)
    RETURNING id INTO entry;
    IF facts IS NOT NULL THEN
        INSERT INTO audit_value (entry_id, practice_id, salt, new) VALUES (entry, practice, salt, facts);
    END IF;
END $$;

-- Seal what is committed and not sealed yet, in order of transactions, at most so many entries: each seal is the
-- SHA-256 of the one before and of all columns of its entry, so of the salted digest of its values too (AUD-3).
-- How many it was. `audit/verification.py` computes the same without trusting this.
CREATE OR REPLACE FUNCTION seal_entries(practice uuid, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place_now bigint;
    digest_now bytea;
    since bigint;
    since_entry bigint;
    safe bigint;
    beyond bigint;
    last bigint;
    entry record;
    sealed integer := 0;
BEGIN
    PERFORM require_acting_in(practice);
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_seal:' || practice, 0));
    -- What began before `safe` has ended. What runs now may still commit entries with lower ids: sealed later.
    -- An entry of a transaction that this server has not had yet was restored from another server.
    safe := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    beyond := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    SELECT h.place, h.digest, h.upto, h.upto_entry INTO place_now, digest_now, since, since_entry
      FROM audit_head h WHERE h.practice_id = practice;
    IF NOT FOUND THEN
        -- The beginning; or the head was lost, and the chain goes on from its last seal.
        SELECT s.place, s.digest INTO place_now, digest_now
          FROM audit_seal s WHERE s.practice_id = practice ORDER BY s.place DESC LIMIT 1;
        place_now := coalesce(place_now, 0);
        digest_now := coalesce(digest_now, decode(repeat('00', 32), 'hex'));
        since := 0;
        since_entry := 0;
    END IF;
    IF since > safe THEN
        since := 0;
        since_entry := 0;
    END IF;
    FOR entry IN
        SELECT e.id, e.transaction, jsonb_build_array(
                   e.id, e.practice_id, (extract(epoch FROM e.at) * 1000000)::bigint, e.transaction, e.actor, e.request,
                   e.table_name, e.row_id, e.subject_id, e.operation, e.reason, encode(e.digest, 'hex'))::text AS facts
          FROM audit_entry e
         WHERE e.practice_id = practice AND (e.transaction, e.id) > (since, since_entry)
           AND (e.transaction < safe OR e.transaction >= beyond)
           AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = e.id)
         ORDER BY e.transaction, e.id
         LIMIT most
    LOOP
        sealed := sealed + 1;
        place_now := place_now + 1;
        digest_now := sha256(digest_now || convert_to(entry.facts, 'UTF8'));
        INSERT INTO audit_seal (entry_id, practice_id, place, digest)
        VALUES (entry.id, practice, place_now, digest_now);
        last := entry.id;
        IF entry.transaction < safe THEN
            since := entry.transaction;
            since_entry := entry.id;
        END IF;
    END LOOP;
    IF sealed > 0 THEN
        IF sealed < most THEN
            since := safe;
            since_entry := 0;
        END IF;
        INSERT INTO audit_head (practice_id, place, digest, entry_id, upto, upto_entry, sealed_at, problem)
        VALUES (practice, place_now, digest_now, last, since, since_entry, clock_timestamp(), '')
        ON CONFLICT (practice_id) DO UPDATE
           SET place = excluded.place, digest = excluded.digest, entry_id = excluded.entry_id, upto = excluded.upto,
               upto_entry = excluded.upto_entry, sealed_at = excluded.sealed_at, signature = NULL;
    END IF;
    RETURN sealed;
END $$;

-- The signature of a practice's newest seal, made with a key that the database does not have.
CREATE OR REPLACE FUNCTION sign_head(practice uuid, signed_place bigint, signed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_acting_in(practice);
    UPDATE audit_head h SET signature = signed WHERE h.practice_id = practice AND h.place = signed_place;
END $$;

-- What the last check of a practice's chain found; empty: it is whole.
CREATE OR REPLACE FUNCTION note_check(practice uuid, result text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_acting_in(practice);
    UPDATE audit_head h SET checked_at = clock_timestamp(), problem = result WHERE h.practice_id = practice;
END $$;

-- The erasure that law asks for (PRI-3, PRI-20): blanks the values of entries with their salt, so that nobody can try
-- out what they were; the entries, their digests and so the chain stay. Each erasure is an entry itself. How many.
CREATE OR REPLACE FUNCTION erase_values(practice uuid, entries bigint[], why text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one record;
    salt bytea;
    facts jsonb;
    made bigint;
    erased integer := 0;
BEGIN
    PERFORM require_acting_in(practice);
    FOR one IN
        SELECT e.id, e.table_name, e.row_id, e.subject_id FROM audit_entry e JOIN audit_value v ON v.entry_id = e.id
         WHERE e.practice_id = practice AND e.id = ANY (entries) AND e.operation <> 'erase' AND v.salt IS NOT NULL
         ORDER BY e.id
    LOOP
        UPDATE audit_value v SET old = NULL, new = NULL, salt = NULL WHERE v.entry_id = one.id;
        salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
        facts := jsonb_build_object('entry', one.id);
        INSERT INTO audit_entry
            (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, operation, reason, digest)
        VALUES (practice, clock_timestamp(), pg_current_xact_id()::text::bigint,
                current_setting('sprechzeit.actor', true), coalesce(current_setting('sprechzeit.request', true), ''),
                one.table_name, one.row_id, one.subject_id, 'erase', why,
                sha256(salt || convert_to(chr(30) || facts::text, 'UTF8')))
        RETURNING id INTO made;
        INSERT INTO audit_value (entry_id, practice_id, salt, new) VALUES (made, practice, salt, facts);
        erased := erased + 1;
    END LOOP;
    RETURN erased;
END $$;

-- The same for whole rows, when their time is over (PRI-21): of every row of a table that the log says is deleted, all
-- values that were ever written about it. One entry a row tells of it, with the entries that it is about. A row that
-- stands is refused: nobody makes the history of what is there unreadable. How many entries' values were erased.
CREATE OR REPLACE FUNCTION erase_rows(practice uuid, of_table text, rows uuid[], why text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one record;
    salt bytea;
    facts jsonb;
    made bigint;
    erased integer := 0;
BEGIN
    PERFORM require_acting_in(practice);
    FOR one IN
        SELECT e.row_id, (array_agg(e.subject_id ORDER BY e.id DESC))[1] AS subject_id,
               array_agg(e.id ORDER BY e.id) FILTER (WHERE v.salt IS NOT NULL) AS entries,
               (array_agg(e.operation ORDER BY e.id DESC)
                   FILTER (WHERE e.operation IN ('insert', 'update', 'delete')))[1] AS last
          FROM audit_entry e LEFT JOIN audit_value v ON v.entry_id = e.id
         WHERE e.practice_id = practice AND e.row_id = ANY (rows) AND e.table_name = of_table AND e.operation <> 'erase'
         GROUP BY e.row_id ORDER BY e.row_id
    LOOP
        IF one.last IS DISTINCT FROM 'delete' THEN
            RAISE EXCEPTION 'this row is not deleted' USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        CONTINUE WHEN one.entries IS NULL;
        UPDATE audit_value v SET old = NULL, new = NULL, salt = NULL WHERE v.entry_id = ANY (one.entries);
        salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
        facts := jsonb_build_object('entries', one.entries);
        INSERT INTO audit_entry
            (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, operation, reason, digest)
        VALUES (practice, clock_timestamp(), pg_current_xact_id()::text::bigint,
                current_setting('sprechzeit.actor', true), coalesce(current_setting('sprechzeit.request', true), ''),
                of_table, one.row_id, one.subject_id, 'erase', why,
                sha256(salt || convert_to(chr(30) || facts::text, 'UTF8')))
        RETURNING id INTO made;
        INSERT INTO audit_value (entry_id, practice_id, salt, new) VALUES (made, practice, salt, facts);
        erased := erased + cardinality(one.entries);
    END LOOP;
    RETURN erased;
END $$;

-- The public page's address names a practice.
CREATE OR REPLACE FUNCTION practice_by_slug(address text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT id FROM practice_practice WHERE slug = address);
END $$;

-- Signing in: in which practices a user works: as a member, and by accesses that stand (ACC-20); and whether one wants
-- a second factor that the user does not have. One row a practice. `areas` and `of_members` belong together one by one.
-- A suspended member has no access either. Nobody reaches the data of who has left or has become a secretary, nor of
-- who is suspended by an access that they gave themselves. What a suspended or departed administrator gave of others'
-- data stands: the practice gave it, and an administrator revokes it.
DROP FUNCTION IF EXISTS memberships_of(uuid);  -- what it returns has changed
CREATE OR REPLACE FUNCTION memberships_of(wanted uuid)
RETURNS TABLE (practice_id uuid, practice_name varchar, member_id uuid, member_role varchar, wants_factor boolean,
               grant_id uuid, areas varchar[], of_members uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH membership AS (
        SELECT m.practice_id, m.id, m.role, m.suspended_at FROM practice_member m
         WHERE m.user_id = wanted AND m.left_at IS NULL
    ), access AS (
        SELECT g.practice_id, g.id, array_agg(a.area ORDER BY a.area, a.member_id) AS areas,
               array_agg(a.member_id ORDER BY a.area, a.member_id) AS of_members
          FROM practice_accessgrant g
          JOIN practice_practice p ON p.id = g.practice_id
          JOIN practice_grantedarea a ON a.practice_id = g.practice_id AND a.grant_id = g.id
          JOIN practice_member m ON m.practice_id = a.practice_id AND m.id = a.member_id
         WHERE g.user_id = wanted AND g.revoked_at IS NULL
           AND (g.ends_on IS NULL OR g.ends_on >= (clock_timestamp() AT TIME ZONE p.zone_name)::date)
           AND m.left_at IS NULL AND m.role <> 'secretary' AND NOT (m.suspended_at IS NOT NULL AND m.id = g.given_by_id)
           -- An access to an area that the plan has lost is kept and opens nothing until the plan has it again (PLAN-4).
           AND plan_has_area(p.plan, a.area)
         GROUP BY g.practice_id, g.id
    )
    SELECT p.id, p.name, m.id, coalesce(m.role, 'delegate'),
           (m.role = ANY (p.second_factor_roles) OR (a.id IS NOT NULL AND 'delegate' = ANY (p.second_factor_roles)))
               IS TRUE AND NOT EXISTS (
               SELECT 1 FROM mfa_authenticator f WHERE f.user_id = wanted AND f.type IN ('totp', 'webauthn')),
           a.id, coalesce(a.areas, '{}'), coalesce(a.of_members, '{}')
      FROM membership m FULL JOIN access a ON a.practice_id = m.practice_id
      JOIN practice_practice p ON p.id = coalesce(m.practice_id, a.practice_id)
     WHERE m.suspended_at IS NULL
     ORDER BY p.id;
END $$;

-- An invitation's mailed link: the hash of its secret names the practice and the invitation.
CREATE OR REPLACE FUNCTION invitation_by_hash(wanted bytea) RETURNS TABLE (practice_id uuid, invitation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i.practice_id, i.id FROM practice_invitation i WHERE i.token_hash = wanted;
END $$;

-- A patient's mailed link: the hash of its secret names the practice and the link.
CREATE OR REPLACE FUNCTION link_by_hash(wanted bytea) RETURNS TABLE (practice_id uuid, link_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT l.practice_id, l.id FROM scheduling_appointmentlink l WHERE l.token_hash = wanted;
END $$;

-- A consultation's join link: the hash of its secret names the practice and the video appointment (VID-3).
CREATE OR REPLACE FUNCTION video_by_hash(wanted bytea) RETURNS TABLE (practice_id uuid, video_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT v.practice_id, v.id FROM scheduling_videoappointment v WHERE v.link_hash = wanted;
END $$;

-- A booking partner's call: whose key its signature names, and why it is good for nothing now; empty while it is good
-- (OTV-1, OTV-2). By the database's clock, the partner's days by the practice's.
CREATE OR REPLACE FUNCTION partner_key(wanted text)
RETURNS TABLE (practice_id uuid, partner_id uuid, key_id uuid, public_key varchar, trouble text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT k.practice_id, k.partner_id, k.id, k.public_key, k.starts_at, k.ends_at, k.revoked_at, p.starts_on,
               p.ends_on, p.ended_at, (clock_timestamp() AT TIME ZONE c.zone_name)::date AS today
          FROM practice_partnerkey k
          JOIN practice_partner p ON p.practice_id = k.practice_id AND p.id = k.partner_id
          JOIN practice_practice c ON c.id = k.practice_id
         WHERE k.reference = wanted
    )
    SELECT f.practice_id, f.partner_id, f.id, f.public_key,
           CASE WHEN f.revoked_at IS NOT NULL THEN 'key_revoked'
                WHEN f.starts_at > clock_timestamp() THEN 'key_not_yet'
                WHEN f.ends_at <= clock_timestamp() THEN 'key_ended'
                WHEN f.ended_at IS NOT NULL OR f.ends_on < f.today THEN 'partner_ended'
                WHEN f.starts_on > f.today THEN 'partner_not_yet'
                ELSE '' END
      FROM found f;
END $$;

-- Whose token it is with which a booking system pushes to a video side (PUSH-1), by its hash: one that was revoked is
-- as none. `used_at`: when its last use was noted.
CREATE OR REPLACE FUNCTION video_token(wanted bytea)
RETURNS TABLE (practice_id uuid, token_id uuid, used_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT t.practice_id, t.id, t.last_used_at FROM practice_videotoken t
                  WHERE t.token_hash = wanted AND t.revoked_at IS NULL;
END $$;

-- The program's own work goes through all practices, one by one: their ids and nothing else.
CREATE OR REPLACE FUNCTION all_practices() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT id FROM practice_practice ORDER BY id;
END $$;

-- Records of a practice by what they are searched by (PAT-2): patients/search.sql says by what. Ids and nothing else;
-- who sees which of them is asked where it is called. The operator is not leakproof: under row security no index would
-- serve it.
CREATE OR REPLACE FUNCTION find_patients(practice uuid, wanted text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 20 SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_acting_in(practice);
    RETURN QUERY SELECT e.patient_id FROM patients_searchentry e
                  WHERE e.practice_id = practice AND e.lexemes @@ wanted::tsquery;
END $$;

-- Times taken in shared spaces, another practice's included: start, end, when a hold ends, and nothing else. Minutes
-- since 1970 (UTC). Only of spaces that a practice of the actor uses.
DROP FUNCTION IF EXISTS taken_in_spaces(uuid[], timestamptz, timestamptz);
CREATE OR REPLACE FUNCTION taken_in_spaces(wanted uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (space_id uuid, starts int, ends int, held_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    practices CONSTANT uuid[] := string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[];
    used CONSTANT uuid[] := ARRAY(SELECT DISTINCT r.space_id FROM practice_room r
                                   WHERE r.space_id = ANY (wanted) AND r.practice_id = ANY (practices));
BEGIN
    RETURN QUERY
    SELECT o.space_id, floor(date_part('epoch', o.starts_at) / 60)::int, ceil(date_part('epoch', o.ends_at) / 60)::int,
           o.expires_at
      FROM scheduling_occupancy o
     WHERE o.space_id = ANY (used)
       AND o.active AND o.starts_at < until AND o.ends_at > since
       AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())
     ORDER BY o.space_id, o.starts_at;
END $$;

-- Free what expired holds kept, in these spaces, whoever held it (BOO-3). Only of spaces that a practice of the actor
-- uses; the other practice's log names the program, not who wanted the time.
CREATE OR REPLACE FUNCTION release_expired_holds(wanted uuid[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    released int;
    wanting text := current_setting('sprechzeit.actor', true);
BEGIN
    PERFORM set_config('sprechzeit.actor', 'system', true);
    UPDATE scheduling_occupancy o SET active = false
     WHERE o.space_id = ANY (wanted) AND o.active AND o.kind = 'hold' AND o.expires_at <= clock_timestamp()
       AND EXISTS (SELECT 1 FROM practice_room r
                    WHERE r.space_id = o.space_id
                      AND r.practice_id = ANY (
                          string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[]));
    GET DIAGNOSTICS released = ROW_COUNT;
    PERFORM set_config('sprechzeit.actor', coalesce(wanting, ''), true);
    RETURN released;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'log_change()', 'require_acting_in(uuid)', 'log_use(uuid, text, text, uuid, text, jsonb, integer)', 'seal_entries(uuid, integer)',
        'sign_head(uuid, bigint, bytea)', 'note_check(uuid, text)', 'erase_values(uuid, bigint[], text)',
        'erase_rows(uuid, text, uuid[], text)',
        'practice_by_slug(text)', 'find_patients(uuid, text)', 'memberships_of(uuid)', 'invitation_by_hash(bytea)',
        'link_by_hash(bytea)', 'video_by_hash(bytea)', 'partner_key(text)', 'video_token(bytea)', 'all_practices()', 'taken_in_spaces(uuid[], timestamptz, timestamptz)', 'release_expired_holds(uuid[])'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO sprechzeit_crossing', name);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sprechzeit_app, sprechzeit_owner', name);
    END LOOP;
END $$;
