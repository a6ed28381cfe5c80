-- ledger.post — the only writer of balances: one transfer, two entries, one event.
--
-- Requires  p_amount > 0; the two accounts exist and differ; (p_id, p_debit_id) is not yet posted
--           and the caller holds the advisory lock on it.
-- Ensures   the entries of the transfer sum to zero; each entry's version follows its account's
--           last one without a gap and its balance_after is the balance at that moment; both are
--           stamped under the locks, so time never runs against the version; exactly one outbox
--           row, committed with the money or not at all. Limits bind kind 'transfer' on the way
--           out and every kind but 'reversal' on the way in. busy says that others are likely to
--           wait for one of the rows: it moved within the last 10 ms (some commits' length), or this
--           call has taken longer than 20 ms, so it has waited itself.
-- Raises    LW002 insufficient-funds   a person's balance would fall below zero
--           LW005 account-unavailable  an account is frozen or closed (a reversal passes a frozen one)
--           LW006 limit-exceeded       per transfer, per Jakarta day, or the payee's balance cap
--           LW012 paused               an operator has stopped the money routes
--           40001 serialization        midnight passed while it waited for a lock: run it again
-- Locks     both accounts, in id order: opposite transfers cannot deadlock. Each UPDATE locks and
--           moves at once; what a rule then refuses, ledger.refuse_posting takes back by raising.
-- Private   callers use transfer, settle_top_up or reverse; no role may EXECUTE this.

CREATE OR REPLACE FUNCTION ledger.post(
    p_id uuid, p_kind ledger.transfer_kind, p_debit_id uuid, p_credit_id uuid, p_amount bigint, p_note text,
    p_reverses_id uuid, OUT debit_balance_after bigint, OUT posted_at timestamptz, OUT busy boolean
)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_account_id uuid;
    v_today date := ledger.jakarta_day(clock_timestamp());
    v_counted_amount bigint := CASE WHEN p_kind = 'transfer' THEN p_amount ELSE 0 END;
    v_debit_version bigint;
    v_debit_status text;
    v_debit_tier text;
    v_out_amount bigint;
    v_credit_version bigint;
    v_credit_status text;
    v_credit_tier text;
    v_credit_balance_after bigint;
    v_transfer_amount_max bigint;
    v_daily_out_amount_max bigint;
    v_balance_max bigint;
    v_paused_reason text;
    v_debit_idle interval;
    v_credit_idle interval;
    v_event_id uuid := outbox.mint_id();
BEGIN
    FOREACH v_account_id IN ARRAY ARRAY[least(p_debit_id, p_credit_id), greatest(p_debit_id, p_credit_id)] LOOP
        IF v_account_id = p_debit_id THEN
            UPDATE ledger.accounts AS a
            SET balance = a.balance - p_amount, version = a.version + 1,
                previous_at = a.updated_at, updated_at = clock_timestamp(), out_on = v_today,
                out_amount = CASE WHEN a.out_on = v_today THEN a.out_amount + v_counted_amount ELSE v_counted_amount END
            WHERE a.id = p_debit_id AND a.balance - p_amount >= coalesce(a.floor, -9223372036854775807)
            RETURNING a.version, a.balance, a.out_amount, a.status, a.tier, a.updated_at - a.previous_at
            INTO v_debit_version, debit_balance_after, v_out_amount, v_debit_status, v_debit_tier, v_debit_idle;
        ELSE
            UPDATE ledger.accounts AS a
            SET balance = a.balance + p_amount, version = a.version + 1,
                previous_at = a.updated_at, updated_at = clock_timestamp()
            WHERE a.id = p_credit_id
            RETURNING a.version, a.balance, a.status, a.tier, a.updated_at - a.previous_at
            INTO v_credit_version, v_credit_balance_after, v_credit_status, v_credit_tier, v_credit_idle;
        END IF;
        EXIT WHEN NOT FOUND;
    END LOOP;
    SELECT t.transfer_amount_max, t.daily_out_amount_max, t.balance_max, t.paused_reason
    INTO v_transfer_amount_max, v_daily_out_amount_max, v_balance_max, v_paused_reason
    FROM ledger.tiers AS t WHERE t.name = v_debit_tier;
    IF v_credit_tier <> v_debit_tier THEN
        SELECT t.balance_max, coalesce(v_paused_reason, t.paused_reason) INTO v_balance_max, v_paused_reason
        FROM ledger.tiers AS t WHERE t.name = v_credit_tier;
    END IF;

    posted_at := clock_timestamp();
    busy := least(v_debit_idle, v_credit_idle) < interval '10 ms' OR posted_at > now() + interval '20 ms';
    -- The rules in one expression; "is not true" lets a null limit pass, and stops what was not moved.
    IF v_debit_version IS NULL OR v_credit_version IS NULL OR v_paused_reason IS NOT NULL
       OR v_debit_status <> 'active' OR v_credit_status <> 'active'
       OR v_counted_amount > v_transfer_amount_max OR (v_counted_amount > 0 AND v_out_amount > v_daily_out_amount_max)
       OR (v_credit_balance_after > v_balance_max AND p_kind <> 'reversal')
       OR v_today <> ledger.jakarta_day(posted_at) THEN
        PERFORM ledger.refuse_posting(p_kind, p_debit_id, p_credit_id, p_amount, v_debit_version, v_credit_version, v_today);
    END IF;

    INSERT INTO ledger.entries (account_id, version, transfer_id, counterparty_id, amount, balance_after, posted_at)
    VALUES (p_debit_id, v_debit_version, p_id, p_credit_id, -p_amount, debit_balance_after, posted_at),
           (p_credit_id, v_credit_version, p_id, p_debit_id, p_amount, v_credit_balance_after, posted_at);

    INSERT INTO ledger.transfers
    VALUES (p_id, p_debit_id, p_credit_id, p_kind, p_amount, p_note, v_debit_version, v_credit_version,
            debit_balance_after, v_credit_balance_after, posted_at, v_event_id, p_reverses_id);

    -- The event's body is the transfer itself, which never changes: the relay's claim reads it there.
    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, transfer_id)
    VALUES (v_event_id, 'wallet-events', 'transfer.posted', 1, p_debit_id::text, posted_at, p_id);
END
$$;
