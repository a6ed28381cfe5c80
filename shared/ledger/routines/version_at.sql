-- ledger.version_at — the version of an account's last entry posted before a time; 0 where none was.
--
-- Ensures   about log2(n) lookups in the primary key: within an account versions have no gap and
--           time never runs against them, so the entries are a sorted array and need no index by time.
-- Private   called by the routines that read entries by date.

CREATE OR REPLACE FUNCTION ledger.version_at(p_account_id uuid, p_time timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_low bigint := 0;
    v_high bigint;
    v_middle bigint;
BEGIN
    SELECT a.version INTO v_high FROM ledger.accounts AS a WHERE a.id = p_account_id;
    WHILE v_low < v_high LOOP
        v_middle := (v_low + v_high + 1) / 2;
        IF (SELECT e.posted_at < p_time FROM ledger.entries AS e
            WHERE e.account_id = p_account_id AND e.version = v_middle) THEN
            v_low := v_middle;
        ELSE
            v_high := v_middle - 1;
        END IF;
    END LOOP;
    RETURN v_low;
END
$$;
