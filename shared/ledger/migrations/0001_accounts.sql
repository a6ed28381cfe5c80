-- Who can hold money, and within which limits.

CREATE SCHEMA ledger;

-- Limits are rows, so that they change without a deployment. A null is "no limit".
CREATE TABLE ledger.tiers (
    name                   text    PRIMARY KEY,
    transfer_amount_max    bigint  CHECK (transfer_amount_max > 0),
    daily_out_amount_max   bigint  CHECK (daily_out_amount_max > 0),
    balance_max            bigint  CHECK (balance_max > 0),
    top_up_amount_min      bigint  CHECK (top_up_amount_min > 0),
    top_up_amount_max      bigint  CHECK (top_up_amount_max >= top_up_amount_min),
    top_up_pending_max     integer CHECK (top_up_pending_max > 0),
    -- The operator's switch: while it is set, no money moves in or out of the tier's accounts.
    paused_reason          text
);

INSERT INTO ledger.tiers VALUES
    ('standard', 10000000, 20000000, 20000000, 10000, 10000000, 5, NULL),
    ('settlement', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE ledger.accounts (
    id          uuid        PRIMARY KEY,
    number      text        UNIQUE CHECK (number ~ '^[1-9][0-9]{11}$'),
    user_id     uuid        UNIQUE,
    -- A settlement account mirrors money that a bank holds for us: it goes as far below zero as
    -- the people's balances stand above it. They are many, so that top-ups do not queue for one row.
    kind        text        NOT NULL CHECK (kind IN ('user', 'settlement')),
    tier        text        NOT NULL REFERENCES ledger.tiers,
    holder_name text        NOT NULL DEFAULT '',
    status      text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'frozen', 'closed')),
    balance     bigint      NOT NULL DEFAULT 0,
    floor       bigint      NOT NULL DEFAULT 0,
    version     bigint      NOT NULL DEFAULT 0 CHECK (version >= 0),
    -- What left on which Jakarta day: the daily limit's counter, under the account's own lock.
    out_on      date        NOT NULL DEFAULT '-infinity',
    out_amount  bigint      NOT NULL DEFAULT 0 CHECK (out_amount >= 0),
    opened_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT balance_is_above_floor CHECK (balance >= floor),
    CONSTRAINT users_have_no_overdraft CHECK (kind <> 'user' OR (floor = 0 AND user_id IS NOT NULL AND number IS NOT NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- 64 settlement accounts with fixed ids (…0000 to …003f); a top-up's id picks one, always the same.
INSERT INTO ledger.accounts (id, kind, tier, holder_name, floor)
SELECT ('00000000-0000-4000-8000-0000000000' || lpad(to_hex(n), 2, '0'))::uuid,
       'settlement', 'settlement', 'Top-up', -9000000000000000000
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
