-- ledger.flush — wait until everything that is visible now is durable.
--
-- Ensures   the commits that this session could see when it was called are on disk: the log is
--           sequential, and this writes a record behind them and commits it synchronously.
-- Needs     to be CALLed outside a transaction block, with synchronous_commit on.

CREATE OR REPLACE PROCEDURE ledger.flush()
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_logical_emit_message(true, 'flush', '');
END
$$;

GRANT USAGE ON SCHEMA ledger TO lite_transfers, lite_payments, lite_reconciliation, lite_wallet, lite_identity, lite_operator;
GRANT EXECUTE ON PROCEDURE ledger.flush() TO lite_transfers, lite_payments, lite_reconciliation, lite_wallet, lite_identity, lite_operator;
