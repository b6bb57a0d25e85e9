-- When an appointment last began to stand elsewhere, was cancelled or restored: each of these counts its `sequence` up.
-- A partner asks for what changed since then (OTV-8); of anything else, as a merged record, it is to learn nothing.
-- Run again by a migration when it changes.
CREATE OR REPLACE FUNCTION note_appointment_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS note_changed ON scheduling_appointment;
CREATE TRIGGER note_changed BEFORE UPDATE ON scheduling_appointment
    FOR EACH ROW WHEN (OLD.sequence IS DISTINCT FROM NEW.sequence) EXECUTE FUNCTION note_appointment_changed();
