-- An installation that was migrated and never used: its tables, functions and types go, for those of the backup.
-- What belongs to an extension stays.
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN
        SELECT format('DROP %s %s CASCADE', kind, name) FROM (
            -- Most sequences go with their tables, and are there no more when it is their turn.
            SELECT CASE relkind WHEN 'S' THEN 2 ELSE 1 END AS step,
                   CASE relkind WHEN 'S' THEN 'SEQUENCE IF EXISTS' WHEN 'v' THEN 'VIEW IF EXISTS'
                                ELSE 'TABLE IF EXISTS' END AS kind, oid::regclass::text AS name, oid AS object
              FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
            UNION ALL
            SELECT 3, 'ROUTINE IF EXISTS', oid::regprocedure::text, oid
              FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT 4, 'TYPE IF EXISTS', t.oid::regtype::text, t.oid
              FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
             WHERE t.typnamespace = 'public'::regnamespace AND t.typelem = 0 AND (t.typrelid = 0 OR c.relkind = 'c')
        ) AS ours
         WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = object AND d.deptype = 'e')
         ORDER BY step
    LOOP
        EXECUTE one;
    END LOOP;
END $$;
