-- The log's trigger as audit 0001 had it: entries did not say yet whom they are about.
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
    INSERT INTO audit_entry (practice_id, at, transaction, actor, request, table_name, row_id, operation, reason, digest)
    VALUES (
        (whole ->> TG_ARGV[0])::uuid,
        clock_timestamp(),
        pg_current_xact_id()::text::bigint,
        coalesce(NULLIF(current_setting('sprechzeit.actor', true), ''), 'database:' || session_user),
        coalesce(current_setting('sprechzeit.request', true), ''),
        TG_TABLE_NAME,
        (whole ->> 'id')::uuid,
        lower(TG_OP),
        '',
        sha256(salt || convert_to(coalesce(old_row::text, '') || chr(30) || coalesce(new_row::text, ''), 'UTF8'))
    ) RETURNING id INTO entry;
    INSERT INTO audit_value (entry_id, practice_id, salt, old, new)
    VALUES (entry, (whole ->> TG_ARGV[0])::uuid, salt, old_row, new_row);
    RETURN NULL;
END $$;
