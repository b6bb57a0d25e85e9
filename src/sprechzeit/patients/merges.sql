-- A record that was merged into another is no more: nothing new comes to it, whatever the program does (PAT-4).

-- Whoever adds a row to a record, and whoever merges it, wait for one another by the record's row. Who comes after the
-- merge is told that the world has changed (40001): its transaction is repeated as a whole, and finds the one that was
-- kept. The row is locked before it is looked at: so what is seen is what the merge has made of it.
CREATE OR REPLACE FUNCTION refuse_merged() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wanted uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    into_other uuid;
BEGIN
    IF wanted IS NULL OR (TG_OP = 'UPDATE' AND wanted = (to_jsonb(OLD) ->> TG_ARGV[0])::uuid) THEN
        RETURN NEW;
    END IF;
    SELECT p.merged_into_id INTO into_other FROM patients_patient p
     WHERE p.practice_id = NEW.practice_id AND p.id = wanted FOR KEY SHARE;
    IF into_other IS NOT NULL THEN
        RAISE EXCEPTION 'this record was merged into another'
              USING ERRCODE = 'serialization_failure', CONSTRAINT = 'patient_merged', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

-- Whoever merges holds both records alone, in the order of their ids: a lock that a mere change of a row does not take.
CREATE OR REPLACE FUNCTION merge_alone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM patients_patient p
      WHERE p.practice_id = NEW.practice_id AND p.id IN (NEW.id, NEW.merged_into_id) ORDER BY p.id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM patients_patient p
                WHERE p.practice_id = NEW.practice_id AND p.id = NEW.merged_into_id AND p.merged_into_id IS NOT NULL) THEN
        RAISE EXCEPTION 'the record that is kept was merged into another'
              USING ERRCODE = 'serialization_failure', CONSTRAINT = 'patient_merged', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

-- A record that is new or changed, archived or back, waits to be compared with the others, for the list of possible
-- duplicates (PAT-14). What it is found by has its id.
CREATE OR REPLACE FUNCTION await_comparing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO patients_tocompare (id, practice_id, patient_id) VALUES (NEW.id, NEW.practice_id, NEW.id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER waits_to_be_compared AFTER INSERT OR UPDATE
    ON patients_searchentry FOR EACH ROW EXECUTE FUNCTION await_comparing();
CREATE OR REPLACE TRIGGER waits_to_be_compared AFTER UPDATE OF archived_at
    ON patients_patient FOR EACH ROW WHEN (NEW.archived_at IS DISTINCT FROM OLD.archived_at)
    EXECUTE FUNCTION await_comparing();

-- With a record goes what was only found about it.
CREATE OR REPLACE FUNCTION forget_comparing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM patients_tocompare w WHERE w.practice_id = OLD.practice_id AND w.patient_id = OLD.id;
    DELETE FROM patients_possibleduplicate d
     WHERE d.practice_id = OLD.practice_id AND (d.patient_id = OLD.id OR d.other_id = OLD.id);
    RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER comparing_is_forgotten BEFORE DELETE
    ON patients_patient FOR EACH ROW EXECUTE FUNCTION forget_comparing();
