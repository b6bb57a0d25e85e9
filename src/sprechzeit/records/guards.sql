-- What is written about a treatment stays as it was written (DOC-2), whatever the program does.

-- Versions follow one another from 1 without a gap, and none follows a signature. Holding the note's row lets a version
-- and a signature that come at once see each other.
CREATE FUNCTION note_version_follows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM records_note WHERE id = NEW.note_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM records_signature WHERE note_id = NEW.note_id) THEN
        RAISE EXCEPTION 'this note is signed' USING ERRCODE = 'check_violation', CONSTRAINT = 'note_signed';
    END IF;
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM records_noteversion WHERE note_id = NEW.note_id), 0) THEN
        RAISE EXCEPTION 'not the next version' USING ERRCODE = 'check_violation', CONSTRAINT = 'note_version_next';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER note_version_follows BEFORE INSERT ON records_noteversion
FOR EACH ROW EXECUTE FUNCTION note_version_follows();

-- The newest version is signed.
CREATE FUNCTION signature_is_of_newest() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM records_note WHERE id = NEW.note_id FOR UPDATE;
    IF NEW.version_id IS DISTINCT FROM
       (SELECT id FROM records_noteversion WHERE note_id = NEW.note_id ORDER BY number DESC LIMIT 1) THEN
        RAISE EXCEPTION 'not the newest version' USING ERRCODE = 'check_violation', CONSTRAINT = 'signature_of_newest';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signature_is_of_newest BEFORE INSERT ON records_signature
FOR EACH ROW EXECUTE FUNCTION signature_is_of_newest();

-- Amendments are added to what is signed.
CREATE FUNCTION amendment_follows_signature() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM records_signature WHERE note_id = NEW.note_id) THEN
        RAISE EXCEPTION 'this note is not signed' USING ERRCODE = 'check_violation', CONSTRAINT = 'amendment_of_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER amendment_follows_signature BEFORE INSERT ON records_amendment
FOR EACH ROW EXECUTE FUNCTION amendment_follows_signature();

-- A sealed text is replaced by the same text sealed with another key, and by nothing else: bytes 2 to 17 name the key.
CREATE FUNCTION only_sealed_anew() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF substring(OLD.text FROM 2 FOR 16) = substring(NEW.text FROM 2 FOR 16) THEN
        RAISE EXCEPTION 'what was written stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'written_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_sealed_anew BEFORE UPDATE ON records_noteversion
FOR EACH ROW EXECUTE FUNCTION only_sealed_anew();
CREATE TRIGGER only_sealed_anew BEFORE UPDATE ON records_amendment
FOR EACH ROW EXECUTE FUNCTION only_sealed_anew();

-- The program adds rows, and seals their texts anew; it has no way to change or delete them.
REVOKE UPDATE, DELETE, TRUNCATE ON records_noteversion, records_amendment, records_signature FROM sprechzeit_app;
GRANT UPDATE (text) ON records_noteversion, records_amendment TO sprechzeit_app;
