-- Where somebody is signed in, and the refresh tokens that keep it so.

CREATE TABLE identity.sessions (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES identity.users,
    -- Coarse, as "Chrome on Android": enough to recognise one's own phone, too little to trace it.
    device        text NOT NULL CHECK (length(device) BETWEEN 1 AND 60),
    -- "Keep me signed in": no end for being idle.
    remember      boolean NOT NULL,
    created_at    timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    idle_until    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at >= idle_until),
    revoked_at    timestamptz
);

CREATE INDEX sessions_of_user ON identity.sessions (user_id, created_at);

CREATE TABLE identity.refresh_tokens (
    -- SHA-256 of a 256-bit random token: no pepper or slow hash is needed, there is nothing to guess.
    digest      bytea PRIMARY KEY CHECK (length(digest) = 32),
    session_id  uuid NOT NULL REFERENCES identity.sessions ON DELETE CASCADE,
    issued_at   timestamptz NOT NULL,
    used_at     timestamptz,
    successor   bytea CHECK (length(successor) = 32),
    -- The successor is HMAC(this token, seed). For the seconds in which an answer may have been
    -- lost, whoever still holds this token can be given the same successor again; then the seed goes.
    seed        bytea CHECK (length(seed) = 32),
    CONSTRAINT used_with_successor CHECK ((used_at IS NULL) = (successor IS NULL))
);

CREATE INDEX refresh_tokens_of_session ON identity.refresh_tokens (session_id, issued_at);
