-- The group roles of the functions, and where migrations keep their record.
--
-- A role may only EXECUTE the routines that grant themselves to it (the last lines of each file); it
-- owns nothing and reads no table. lite_operator is for people with a runbook in hand. Runs at every
-- deploy.

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY[
        'lite_identity', 'lite_wallet', 'lite_transfers', 'lite_payments', 'lite_relay',
        'lite_notifications', 'lite_analytics', 'lite_reconciliation', 'lite_operator'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
        END IF;
    END LOOP;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Roles belong to the whole server: another database of it may be migrated at this moment.
    NULL;
END $$;

CREATE SCHEMA IF NOT EXISTS migration;
CREATE TABLE IF NOT EXISTS migration.applied (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A routine is closed to everybody until its file opens it to somebody.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
