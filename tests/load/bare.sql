-- The yardstick of the ledger's benchmark: the least that a durable transfer can be.
--
-- It locks two rows, checks the balance, updates both, and inserts one transfer, two entries and
-- one outbox row. No idempotency, no limits, no versions, no account numbers, no day sums.

CREATE SCHEMA bare;

CREATE TABLE bare.accounts (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
CREATE TABLE bare.transfers (
    id uuid PRIMARY KEY, debit_id bigint NOT NULL, credit_id bigint NOT NULL, amount bigint NOT NULL, posted_at timestamptz NOT NULL
);
CREATE TABLE bare.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, transfer_id uuid NOT NULL, account_id bigint NOT NULL,
    amount bigint NOT NULL, balance_after bigint NOT NULL
);
CREATE TABLE bare.outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload json NOT NULL);

INSERT INTO bare.accounts SELECT n, 1000000000 FROM generate_series(1, 1000) AS n;

CREATE FUNCTION bare.transfer(p_id uuid, p_debit_id bigint, p_credit_id bigint, p_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_debit_balance bigint;
    v_credit_balance bigint;
    v_account record;
BEGIN
    FOR v_account IN
        SELECT id, balance FROM bare.accounts WHERE id IN (p_debit_id, p_credit_id) ORDER BY id FOR UPDATE
    LOOP
        IF v_account.id = p_debit_id THEN v_debit_balance := v_account.balance - p_amount;
        ELSE v_credit_balance := v_account.balance + p_amount; END IF;
    END LOOP;
    IF v_debit_balance < 0 THEN
        RAISE EXCEPTION 'insufficient funds';
    END IF;
    UPDATE bare.accounts SET balance = v_debit_balance WHERE id = p_debit_id;
    UPDATE bare.accounts SET balance = v_credit_balance WHERE id = p_credit_id;
    INSERT INTO bare.transfers VALUES (p_id, p_debit_id, p_credit_id, p_amount, clock_timestamp());
    INSERT INTO bare.entries (transfer_id, account_id, amount, balance_after)
    VALUES (p_id, p_debit_id, -p_amount, v_debit_balance), (p_id, p_credit_id, p_amount, v_credit_balance);
    INSERT INTO bare.outbox (payload) VALUES (json_build_object('transfer_id', p_id, 'amount', p_amount));
    RETURN v_debit_balance;
END
$$;

-- The same login calls both, with the same settings.
GRANT USAGE ON SCHEMA bare TO lite_transfers;
GRANT ALL ON ALL TABLES IN SCHEMA bare TO lite_transfers;
GRANT ALL ON ALL SEQUENCES IN SCHEMA bare TO lite_transfers;
GRANT EXECUTE ON FUNCTION bare.transfer(uuid, bigint, bigint, bigint) TO lite_transfers;
