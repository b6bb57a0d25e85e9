-- Documents do not vanish and their files are not exchanged (DOC-3), whatever the program does. What is removed has a
-- row that says so. The patient is changed by merging records, the sealed columns also when keys are replaced.
REVOKE UPDATE, DELETE, TRUNCATE ON records_document FROM sprechzeit_app;
GRANT UPDATE (patient_id, session_id, title, remark, secret, dated_on) ON records_document TO sprechzeit_app;
REVOKE TRUNCATE ON records_documentremoval FROM sprechzeit_app;

-- The key of a file is replaced by the same key sealed with another data key: bytes 2 to 17 name that.
CREATE FUNCTION document_secret_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.secret <> NEW.secret AND substring(OLD.secret FROM 2 FOR 16) = substring(NEW.secret FROM 2 FOR 16) THEN
        RAISE EXCEPTION 'the key of a file stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'document_key_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER document_secret_stays BEFORE UPDATE ON records_document
FOR EACH ROW EXECUTE FUNCTION document_secret_stays();
