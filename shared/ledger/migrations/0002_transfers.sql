-- What happened, for ever: transfers and their two entries. Append-only, for the owner too.

-- A transfer is named by its id within its debited account: two people may choose the same key
-- and neither learns of the other. Entries and transfers carry no foreign key to accounts: the one
-- routine that writes them holds both accounts' locks, accounts are never deleted, and the check
-- would cost a fifth of the throughput. Reconciliation verifies it.
CREATE TABLE ledger.transfers (
    id                    uuid    NOT NULL,
    debit_account_id      uuid    NOT NULL,
    credit_account_id     uuid    NOT NULL,
    kind                  ledger.transfer_kind NOT NULL,
    amount                ledger.positive      NOT NULL,
    note                  varchar(140)         NOT NULL,
    debit_version         bigint  NOT NULL,
    credit_version        bigint  NOT NULL,
    debit_balance_after   bigint  NOT NULL,
    credit_balance_after  bigint  NOT NULL,
    posted_at             timestamptz NOT NULL,
    event_id              uuid    NOT NULL,
    reverses_id           uuid,
    PRIMARY KEY (id, debit_account_id)
);

-- The original's debited account is credited by its reversal: together they name the original.
CREATE UNIQUE INDEX transfers_reversed_once ON ledger.transfers (reverses_id, credit_account_id)
    WHERE reverses_id IS NOT NULL;

CREATE TABLE ledger.entries (
    account_id      uuid        NOT NULL,
    version         bigint      NOT NULL,
    transfer_id     uuid        NOT NULL,
    counterparty_id uuid        NOT NULL,
    amount          bigint      NOT NULL,
    balance_after   bigint      NOT NULL,
    posted_at       timestamptz NOT NULL,
    PRIMARY KEY (account_id, version)
);

-- Most recent transfers first, whoever took part: what reconciliation and replay walk through.
CREATE INDEX transfers_by_time ON ledger.transfers USING brin (posted_at) WITH (pages_per_range = 16, autosummarize = on);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'LW099';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON ledger.transfers, ledger.entries FROM CURRENT_USER;
