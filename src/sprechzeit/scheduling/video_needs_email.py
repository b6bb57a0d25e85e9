"""Nothing that is to come is held by video of somebody without an e-mail address (PUSH-6). SQL, used by a migration."""

STATEMENTS = [
    """
CREATE FUNCTION refuse_video_without_email() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'an appointment by video needs an e-mail address'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'video_needs_email', TABLE = 'scheduling_appointment';
END $$
""",
    "CREATE TRIGGER video_needs_email BEFORE INSERT ON scheduling_appointment FOR EACH ROW "
    "WHEN (NEW.location = 'video' AND NEW.email = '' AND NEW.starts_at > clock_timestamp()) "
    "EXECUTE FUNCTION refuse_video_without_email()",
    # What was booked before this rule may stand on.
    "CREATE TRIGGER video_still_needs_email BEFORE UPDATE OF location ON scheduling_appointment FOR EACH ROW "
    "WHEN (NEW.location = 'video' AND OLD.location <> 'video' AND NEW.email = '' "
    "AND NEW.starts_at > clock_timestamp()) EXECUTE FUNCTION refuse_video_without_email()",
]
