-- What a patient said stays as it was said (PAT-20, PAT-22), whatever the program does.

-- Each follows the one before, without a gap. Holding the patient's row lets two that come at once see each other.
CREATE FUNCTION consent_follows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM patients_patient WHERE id = NEW.patient_id FOR NO KEY UPDATE;
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM patients_consent
                                    WHERE practice_id = NEW.practice_id AND patient_id = NEW.patient_id
                                      AND partner_id = NEW.partner_id), 0) THEN
        RAISE EXCEPTION 'not the next consent' USING ERRCODE = 'unique_violation', CONSTRAINT = 'consent_next';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_follows BEFORE INSERT ON patients_consent
FOR EACH ROW EXECUTE FUNCTION consent_follows();

-- A sealed text is replaced by the same text sealed with another key, and by nothing else: bytes 2 to 17 name the key.
CREATE FUNCTION consent_only_sealed_anew() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.note IS NULL OR NEW.note IS NULL
       OR substring(OLD.note FROM 2 FOR 16) = substring(NEW.note FROM 2 FOR 16) THEN
        RAISE EXCEPTION 'what was said stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_only_sealed_anew BEFORE UPDATE ON patients_consent
FOR EACH ROW EXECUTE FUNCTION consent_only_sealed_anew();

-- The program adds rows, and seals their notes anew; it has no way to change or delete them.
REVOKE UPDATE, DELETE, TRUNCATE ON patients_consent FROM sprechzeit_app;
GRANT UPDATE (note) ON patients_consent TO sprechzeit_app;
