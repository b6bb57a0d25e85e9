-- What is signed is no mistake: a session with a signed note is not withdrawn, and the note of one that is withdrawn is
-- not signed. Holding the session's row lets the two see each other.
CREATE FUNCTION withdrawal_of_unsigned() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    withdrawn uuid := coalesce(to_jsonb(NEW) ->> 'note_id', to_jsonb(NEW) ->> 'session_id')::uuid;
BEGIN
    PERFORM 1 FROM records_session WHERE id = withdrawn FOR UPDATE;
    IF EXISTS (SELECT 1 FROM records_signature WHERE note_id = withdrawn)
       OR EXISTS (SELECT 1 FROM records_sessionwithdrawal WHERE session_id = withdrawn) THEN
        RAISE EXCEPTION 'signed, or withdrawn' USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_of_unsigned';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_of_unsigned BEFORE INSERT ON records_sessionwithdrawal
FOR EACH ROW EXECUTE FUNCTION withdrawal_of_unsigned();
CREATE TRIGGER signature_of_standing BEFORE INSERT ON records_signature
FOR EACH ROW EXECUTE FUNCTION withdrawal_of_unsigned();
