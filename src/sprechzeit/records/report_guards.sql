-- What was filed stays as it was filed (DOC-4), whatever the program does.

-- Of a filed report nothing is changed but whose record it lies in, when two records become one; and its text is sealed
-- anew with another key: bytes 2 to 17 name the key. Filing holds the report's row, so the two see each other.
CREATE FUNCTION filed_report_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM records_filedreport WHERE report_id = OLD.id) AND (
        to_jsonb(OLD) - 'patient_id' - 'content' <> to_jsonb(NEW) - 'patient_id' - 'content'
        OR (OLD.content <> NEW.content AND substring(OLD.content FROM 2 FOR 16) = substring(NEW.content FROM 2 FOR 16))
    ) THEN
        RAISE EXCEPTION 'this report is filed' USING ERRCODE = 'check_violation', CONSTRAINT = 'report_filed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER filed_report_stays BEFORE UPDATE ON records_report
FOR EACH ROW EXECUTE FUNCTION filed_report_stays();

CREATE FUNCTION report_is_held() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM records_report WHERE id = NEW.report_id FOR UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER report_is_held BEFORE INSERT ON records_filedreport
FOR EACH ROW EXECUTE FUNCTION report_is_held();

CREATE FUNCTION only_pdf_sealed_anew() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF substring(OLD.sealed_pdf FROM 2 FOR 16) = substring(NEW.sealed_pdf FROM 2 FOR 16) THEN
        RAISE EXCEPTION 'what was filed stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'filed_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_pdf_sealed_anew BEFORE UPDATE ON records_filedreport
FOR EACH ROW EXECUTE FUNCTION only_pdf_sealed_anew();

-- The program files reports, and seals them anew; it has no way to change or delete what is filed.
REVOKE UPDATE, DELETE, TRUNCATE ON records_filedreport FROM sprechzeit_app;
GRANT UPDATE (sealed_pdf) ON records_filedreport TO sprechzeit_app;
