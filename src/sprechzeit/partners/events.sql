-- What a partner is told of its bookings (OTV-9). Written by the database when a transaction that changed an appointment
-- ends: whatever way it was changed, no way can forget it, and one transaction makes one event of an appointment. Run by
-- a migration, and again by another one when it changes.

-- Compares how an appointment stands with what its partner was last told, and notes the difference: an event with the
-- partner's next number, and where it is to be sent, its delivery with the job. That its record became one with another is
-- nothing to a partner, which goes on calling it as it did.
-- The lock is the practice's, not the partner's, so that who changes bookings of two partners meets no circle; it is held
-- to the end of the commit, so numbers come in the order in which they can be seen.
CREATE OR REPLACE FUNCTION note_partner_event(practice uuid, booked uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    -- At the end of a transaction it may be that of somebody who acts elsewhere; row security then hid what changed.
    former CONSTANT text := coalesce(current_setting('sprechzeit.practices', true), '');
    actor CONSTANT text := coalesce(current_setting('sprechzeit.actor', true), '');
    stands record;
    told record;
    what text;
    who text;
    place bigint;
    made uuid;
    due uuid;
BEGIN
    PERFORM set_config('sprechzeit.practices', practice::text, true);
    SELECT a.partner_id, a.type_id, a.calendar_id, a.starts_at, a.ends_at, a.sequence, a.changed_at,
           CASE WHEN EXISTS (SELECT FROM scheduling_cancellation c
                              WHERE c.practice_id = practice AND c.appointment_id = booked)
                THEN 'cancelled' ELSE 'booked' END AS state
      INTO stands
      FROM scheduling_appointment a WHERE a.practice_id = practice AND a.id = booked AND a.partner_id IS NOT NULL;
    IF FOUND THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('partner-events:' || practice, 0));
        SELECT e.type_id, e.calendar_id, e.starts_at, e.ends_at, e.sequence, e.state INTO told
          FROM partners_event e WHERE e.practice_id = practice AND e.appointment_id = booked
         ORDER BY e.number DESC LIMIT 1;
        what := CASE
            WHEN told.state IS NULL THEN 'booked'
            WHEN told.state <> stands.state THEN CASE stands.state WHEN 'cancelled' THEN 'cancelled' ELSE 'restored' END
            WHEN (told.calendar_id, told.starts_at, told.ends_at)
                 <> (stands.calendar_id, stands.starts_at, stands.ends_at) THEN 'moved'
            WHEN (told.type_id, told.sequence) <> (stands.type_id, stands.sequence) THEN 'changed'
        END;
    END IF;
    IF what IS NOT NULL THEN
        who := CASE WHEN actor = 'partner:' || stands.partner_id THEN 'partner'
                    WHEN actor LIKE 'link:%' THEN 'patient' ELSE 'practice' END;
        INSERT INTO partners_feed AS f (id, practice_id, partner_id, number)
        VALUES (gen_random_uuid(), practice, stands.partner_id, 1)
        ON CONFLICT (partner_id) DO UPDATE SET number = f.number + 1
        RETURNING f.number INTO place;
        made := gen_random_uuid();
        INSERT INTO partners_event (id, practice_id, partner_id, number, kind, by, at, appointment_id, type_id,
                                    calendar_id, starts_at, ends_at, state, sequence, changed_at)
        VALUES (made, practice, stands.partner_id, place, what, who, clock_timestamp(), booked, stands.type_id,
                stands.calendar_id, stands.starts_at, stands.ends_at, stands.state, stands.sequence,
                stands.changed_at);
        -- What the partner did itself it was answered; the feed has it all the same.
        IF who <> 'partner' AND EXISTS (
            SELECT FROM practice_partner p
             WHERE p.practice_id = practice AND p.id = stands.partner_id AND p.webhook_url <> '' AND p.ended_at IS NULL
               AND NOT EXISTS (SELECT FROM partners_webhookoff o
                                WHERE o.practice_id = practice AND o.partner_id = p.id AND o.url = p.webhook_url))
        THEN
            due := gen_random_uuid();
            INSERT INTO partners_delivery (id, practice_id, event_id) VALUES (due, practice, made);
            PERFORM defer_delivery(practice, booked, due, who = 'practice');
        END IF;
    END IF;
    PERFORM set_config('sprechzeit.practices', former, true);
END $$;

-- What waits to be tried again for this appointment looks at once: it is left out, and does not hold the new one up.
-- What staff did waits for the seconds in which they can undo it (CAL-16). The queue is that of jobs.py: deliver.
CREATE OR REPLACE FUNCTION defer_delivery(practice uuid, booked uuid, due uuid, may_be_undone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE procrastinate_jobs SET scheduled_at = NULL
     WHERE lock = 'webhook_of:' || booked AND status = 'todo' AND task_name = 'partners.deliver';
    PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
        'webhooks', 'partners.deliver', 0, 'webhook_of:' || booked, NULL,
        jsonb_build_object('practice_id', practice, 'webhook_of', booked, 'delivery_id', due),
        CASE WHEN may_be_undone THEN clock_timestamp() + interval '20 seconds' END)::procrastinate_job_to_defer_v1]);
END $$;

CREATE OR REPLACE FUNCTION partner_booking_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM note_partner_event(NEW.practice_id, NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION partner_booking_cancelled() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    of scheduling_cancellation := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM note_partner_event(of.practice_id, of.appointment_id);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS partner_event ON scheduling_appointment;
CREATE CONSTRAINT TRIGGER partner_event AFTER INSERT OR UPDATE ON scheduling_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.partner_id IS NOT NULL)
    EXECUTE FUNCTION partner_booking_changed();
DROP TRIGGER IF EXISTS partner_event ON scheduling_cancellation;
CREATE CONSTRAINT TRIGGER partner_event AFTER INSERT OR DELETE ON scheduling_cancellation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION partner_booking_cancelled();
