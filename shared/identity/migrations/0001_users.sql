-- Who has a wallet. A closed user's personal fields are gone; the row stays, because the ledger's
-- entries name its id.

CREATE SCHEMA identity;

CREATE TABLE identity.users (
    id              uuid PRIMARY KEY,
    -- Normalised (NFKC, casefold) before it comes here, so that one person has one spelling.
    username        text UNIQUE CHECK (username ~ '^[a-z][a-z0-9._]{2,29}$'),
    full_name       text CHECK (length(full_name) BETWEEN 1 AND 80),
    -- The ledger's number for this user's wallet. It never changes, so a copy cannot grow stale.
    account_number  text NOT NULL UNIQUE CHECK (account_number ~ '^[1-9][0-9]{11}$'),
    -- '<pepper version>:<bcrypt>', never anything that a stolen table alone could be searched with.
    password_digest text CHECK (password_digest ~ '^[0-9]+:\$2b\$[0-9]{2}\$[./A-Za-z0-9]{53}$'),
    pin_digest      text CHECK (pin_digest ~ '^[0-9]+:\$2b\$[0-9]{2}\$[./A-Za-z0-9]{53}$'),
    -- How often each secret was changed: what was verified with the old one cannot finish after it.
    password_version integer NOT NULL DEFAULT 1,
    pin_version      integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    closed_at       timestamptz CHECK (closed_at >= created_at),
    CONSTRAINT open_or_erased CHECK (
        CASE WHEN closed_at IS NULL
             THEN num_nonnulls(username, full_name, password_digest, pin_digest) = 4
             ELSE num_nonnulls(username, full_name, password_digest, pin_digest) = 0
        END
    )
);
