-- What patients are searched by (PAT-2), kept by the database itself: whatever writes a name, a date of birth or a
-- contact point, and however, the entry of its record follows in the same statement.
--
-- `patients/folding.py` folds what is typed in the same way; a test compares the two over all of Unicode. Whoever
-- changes this file fills the entries anew in the migration that installs it: SELECT refresh_search_entries().

-- A text as its words, folded: no case, no accents, 'ß' as 'ss', 'ae', 'oe', 'ue' and the umlauts as plain vowels,
-- letters without a mark of their own (ł, ø, ı) as the ones they resemble, Arabic letters by their form; hyphens and
-- all other signs are spaces.
CREATE OR REPLACE FUNCTION search_fold(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    plain text := lower(given COLLATE "C");
BEGIN
    IF plain ~ '[^ -~]' THEN
        plain := translate(normalize(given, NFKD),
            'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
            'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς'
            'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏҐґ'
            'ŁłØøÐðĐđıÆæŒœŦŧĦħƏə'
            'ٱةىیک',
            'abcdefghijklmnopqrstuvwxyz'
            'αβγδεζηθικλμνξοπρστυφχψωσ'
            'абвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљњћќѝўџгг'
            'llooddddiaaootthhaa'
            'اهييك');
        plain := replace(replace(replace(replace(plain, 'ß', 'ss'), 'ẞ', 'ss'), 'þ', 'th'), 'Þ', 'th');
        plain := regexp_replace(plain, '[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u02b9-\u02bf\u2018\u2019\u2032]', '', 'g');
    END IF;
    plain := regexp_replace(plain, '[''`\u00b4]', '', 'g');
    plain := regexp_replace(plain, '[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u206f\u3000\ufeff]+', ' ', 'g');
    RETURN btrim(regexp_replace(plain, '([aou])e+', '\1', 'g'), ' ');
END $$;

-- Everything that a record is found by. Each begins with the practice's last six figures, so that a practice reads its
-- own part of the index, and a letter that says what it is: n a word of a name, t what a mistyped word has in common with
-- it (both, with any one letter left out; of a long word its beginning too, for one that is not typed to its end), d date
-- of birth, b birthday, e e-mail address, f phone number, r the same from its end. Planned once and never compiled: for
-- the few letters of a word both would take longer than the rest.
CREATE OR REPLACE FUNCTION search_lexemes(practice uuid, first text, last text, former text, born date, keys text[])
RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    near CONSTANT text := right(practice::text, 6);
    words text[] := string_to_array(first, ' ') || string_to_array(last, ' ') || string_to_array(former, ' ');
    joined CONSTANT text[] := ARRAY[replace(first, ' ', ''), replace(last, ' ', ''), replace(former, ' ', '')];
BEGIN
    words := ARRAY(
        SELECT DISTINCT left(word, 40)
          FROM (SELECT unnest(words || joined) UNION ALL
                SELECT substr(word, 3) FROM unnest(words) AS word WHERE word LIKE 'ال___%') AS all_words (word)
         WHERE word <> '');
    RETURN array_to_tsvector(ARRAY(
        SELECT near || 'n' || word FROM unnest(words) AS word
        UNION ALL
        SELECT DISTINCT near || 't' || CASE place WHEN 0 THEN part ELSE left(part, place - 1) || substr(part, place + 1) END
          FROM unnest(words) AS word,
               unnest(CASE WHEN length(word) > 6 THEN ARRAY[word, left(word, 6)] ELSE ARRAY[word] END) AS part,
               generate_series(0, length(part)) AS place
         WHERE length(word) >= 4
        UNION ALL SELECT near || 'd' || to_char(born, 'YYYYMMDD') WHERE born IS NOT NULL
        UNION ALL SELECT near || 'b' || to_char(born, 'MMDD') WHERE born IS NOT NULL
        UNION ALL SELECT near || 'e' || left(key, 100) FROM unnest(keys) AS key WHERE key LIKE '%@%'
        UNION ALL SELECT near || kind.letter || CASE kind.letter WHEN 'f' THEN figures ELSE reverse(figures) END
                FROM (SELECT left(regexp_replace(key, '[^0-9]', '', 'g'), 40) FROM unnest(keys) AS key
                       WHERE key NOT LIKE '%@%') AS phone (figures), (VALUES ('f'), ('r')) AS kind (letter)
               WHERE figures <> ''));
END $$;

-- Make the entry of a record what its rows say. The lock comes first: of two transactions that change contact points
-- of one record, the second reads what the first made. Rows are named by the record alone: with the practice too, a plan
-- made while the table is empty may read all of the practice for each.
CREATE OR REPLACE FUNCTION refresh_search_entry(practice uuid, patient uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    PERFORM 1 FROM patients_searchentry e WHERE e.patient_id = patient FOR NO KEY UPDATE;
    INSERT INTO patients_searchentry AS entry (id, practice_id, patient_id, first, last, lexemes)
    SELECT p.id, p.practice_id, p.id, folded.first,
           regexp_replace(folded.last, '^((von|vom|van|der|den|dem|de|del|della|di|da|dos|du|la|le|ter|ten|zu|zum|zur|af|av|al|el|ul|bin|ben|ibn|abu) )+', ''),
           search_lexemes(p.practice_id, folded.first, folded.last, search_fold(p.birth_name), p.date_of_birth,
                          ARRAY(SELECT c.key FROM patients_contactpoint c WHERE c.patient_id = patient))
      FROM patients_patient p,
           LATERAL (SELECT search_fold(p.first_name) AS first, search_fold(p.last_name) AS last) AS folded
     WHERE p.practice_id = practice AND p.id = patient
    ON CONFLICT (patient_id) DO UPDATE
       SET first = excluded.first, last = excluded.last, lexemes = excluded.lexemes
     WHERE (entry.first, entry.last, entry.lexemes)
           IS DISTINCT FROM (excluded.first, excluded.last, excluded.lexemes);
END $$;

-- All of them, as the owner: after a change of what is written above. How many records there are.
CREATE OR REPLACE FUNCTION refresh_search_entries() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM refresh_search_entry(p.practice_id, p.id) FROM patients_patient p;
    RETURN (SELECT count(*) FROM patients_searchentry);
END $$;

CREATE OR REPLACE FUNCTION follow_patient() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM patients_searchentry e WHERE e.practice_id = OLD.practice_id AND e.patient_id = OLD.id;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' OR
       (OLD.first_name, OLD.last_name, OLD.date_of_birth, OLD.birth_name) IS DISTINCT FROM
       (NEW.first_name, NEW.last_name, NEW.date_of_birth, NEW.birth_name) THEN
        PERFORM refresh_search_entry(NEW.practice_id, NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION follow_contact_point() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM refresh_search_entry(OLD.practice_id, OLD.patient_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM refresh_search_entry(NEW.practice_id, NEW.patient_id);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER search_entry_follows AFTER INSERT OR UPDATE
    ON patients_patient FOR EACH ROW EXECUTE FUNCTION follow_patient();
CREATE OR REPLACE TRIGGER search_entry_goes BEFORE DELETE
    ON patients_patient FOR EACH ROW EXECUTE FUNCTION follow_patient();
CREATE OR REPLACE TRIGGER search_entry_follows AFTER INSERT OR UPDATE OF patient_id, key OR DELETE
    ON patients_contactpoint FOR EACH ROW EXECUTE FUNCTION follow_contact_point();
