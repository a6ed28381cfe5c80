-- Who can hold money, and within which limits.

CREATE SCHEMA ledger;

-- Types and domains rather than table CHECKs on what every payment writes: Postgres reads a table's
-- CHECKs anew for each statement (measured: 6 µs each), a domain's once per session.
CREATE DOMAIN ledger.positive AS bigint CHECK (VALUE > 0);
CREATE DOMAIN ledger.account_number AS text CHECK (VALUE ~ '^[1-9][0-9]{11}$');
CREATE DOMAIN ledger.account_kind AS text CHECK (VALUE IN ('user', 'settlement'));
CREATE DOMAIN ledger.account_status AS text CHECK (VALUE IN ('active', 'frozen', 'closed'));
-- Written with every transfer: an enumeration and a length need no expression at all.
CREATE TYPE ledger.transfer_kind AS ENUM ('transfer', 'topup', 'reversal');

-- Limits are rows, so that they change without a deployment. A null is "no limit".
CREATE TABLE ledger.tiers (
    name                   text PRIMARY KEY,
    transfer_amount_max    ledger.positive,
    daily_out_amount_max   ledger.positive,
    balance_max            ledger.positive,
    top_up_amount_min      ledger.positive,
    top_up_amount_max      ledger.positive,
    top_up_pending_max     ledger.positive,
    -- The operator's switch: while it is set, no money moves in or out of the tier's accounts.
    paused_reason          text
);

INSERT INTO ledger.tiers VALUES
    ('standard', 10000000, 20000000, 20000000, 10000, 10000000, 5, NULL),
    ('settlement', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE ledger.accounts (
    id          uuid        PRIMARY KEY,
    number      ledger.account_number UNIQUE,
    user_id     uuid        UNIQUE,
    -- A settlement account mirrors money that a bank holds for us: it goes as far below zero as
    -- the people's balances stand above it. They are many, so that top-ups do not queue for one row.
    kind        ledger.account_kind   NOT NULL,
    tier        text        NOT NULL REFERENCES ledger.tiers,
    holder_name text        NOT NULL DEFAULT '',
    status      ledger.account_status NOT NULL DEFAULT 'active',
    balance     bigint      NOT NULL DEFAULT 0,
    -- What the balance never falls below; a settlement account's null is "no floor".
    floor       bigint      DEFAULT 0,
    version     bigint      NOT NULL DEFAULT 0,
    -- What left on which Jakarta day: the daily limit's counter, under the account's own lock.
    out_on      date        NOT NULL DEFAULT '-infinity',
    out_amount  bigint      NOT NULL DEFAULT 0,
    opened_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When it moved the time before: whether others are likely to wait for this row (ledger.post).
    previous_at timestamptz NOT NULL DEFAULT '-infinity',
    -- The one rule that must hold whatever the routines do; as short as it can be, for the reason above.
    CONSTRAINT no_overdraft CHECK (balance >= floor)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- 64 settlement accounts with fixed ids (…0000 to …003f); a top-up's id picks one, always the same.
INSERT INTO ledger.accounts (id, kind, tier, holder_name, floor)
SELECT ('00000000-0000-4000-8000-0000000000' || lpad(to_hex(n), 2, '0'))::uuid,
       'settlement', 'settlement', 'Top-up', NULL
FROM generate_series(0, 63) AS n;

CREATE TABLE ledger.favourites (
    account_id uuid        NOT NULL REFERENCES ledger.accounts,
    payee_id   uuid        NOT NULL REFERENCES ledger.accounts,
    saved_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, payee_id)
);

-- The name check's throttle: how often an account has asked within the current minute.
CREATE UNLOGGED TABLE ledger.name_checks (
    account_id uuid        PRIMARY KEY,
    minute     timestamptz NOT NULL,
    asked      integer     NOT NULL
) WITH (fillfactor = 50);
