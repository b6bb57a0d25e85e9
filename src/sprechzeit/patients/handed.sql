-- When what booking partners are handed of a record last changed (OTV-5), kept by the database itself: whatever writes a
-- name, a date of birth or a contact point, and however. On the clock that runs on within a transaction: who asks what
-- changed since a moment at which this transaction had not begun is told (core/moments.py).

-- Only of records with a consent: of most there is none, and then one look into an index is all that this costs.
CREATE OR REPLACE FUNCTION note_handed_change(practice uuid, patient uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF EXISTS (SELECT FROM patients_consent c WHERE c.practice_id = practice AND c.patient_id = patient) THEN
        INSERT INTO patients_handedchange AS kept (id, practice_id, patient_id, changed_at)
        VALUES (patient, practice, patient, clock_timestamp())
        ON CONFLICT (patient_id) DO UPDATE SET changed_at = greatest(kept.changed_at, excluded.changed_at);
    END IF;
END $$;

-- What of an archived record is changed is handed to nobody; that it is archived, or is so no more, is what counts.
CREATE OR REPLACE FUNCTION handed_of_patient() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM patients_handedchange h WHERE h.practice_id = OLD.practice_id AND h.patient_id = OLD.id;
        RETURN OLD;
    END IF;
    IF (OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL) OR NEW.archived_at IS NULL AND
       (OLD.first_name, OLD.last_name, OLD.date_of_birth) IS DISTINCT FROM
       (NEW.first_name, NEW.last_name, NEW.date_of_birth) THEN
        PERFORM note_handed_change(NEW.practice_id, NEW.id);
    END IF;
    RETURN NULL;
END $$;

-- The kinds are those of access/fields.py: HANDED.
CREATE OR REPLACE FUNCTION handed_of_contact_point() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    kinds CONSTANT text[] := ARRAY['email', 'mobile', 'phone'];
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.patient_id, OLD.kind, OLD.value) = (NEW.patient_id, NEW.kind, NEW.value) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.kind = ANY (kinds) AND EXISTS (
        SELECT FROM patients_patient p WHERE p.id = OLD.patient_id AND p.archived_at IS NULL) THEN
        PERFORM note_handed_change(OLD.practice_id, OLD.patient_id);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.kind = ANY (kinds) AND EXISTS (
        SELECT FROM patients_patient p WHERE p.id = NEW.patient_id AND p.archived_at IS NULL) THEN
        PERFORM note_handed_change(NEW.practice_id, NEW.patient_id);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER handed_changes AFTER UPDATE OF first_name, last_name, date_of_birth, archived_at
    ON patients_patient FOR EACH ROW EXECUTE FUNCTION handed_of_patient();
CREATE OR REPLACE TRIGGER handed_goes BEFORE DELETE
    ON patients_patient FOR EACH ROW EXECUTE FUNCTION handed_of_patient();
CREATE OR REPLACE TRIGGER handed_changes AFTER INSERT OR UPDATE OF patient_id, kind, value OR DELETE
    ON patients_contactpoint FOR EACH ROW EXECUTE FUNCTION handed_of_contact_point();
