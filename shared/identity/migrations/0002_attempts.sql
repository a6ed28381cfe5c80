-- How often a secret has been tried. One row per thing that is guessed at; the rules are rows too.

CREATE TABLE identity.attempt_policies (
    kind             text PRIMARY KEY,
    -- This many wrong tries in a row lock; each further one locks for twice as long, up to the longest.
    lock_at          integer  NOT NULL CHECK (lock_at > 0),
    lock_first       interval NOT NULL CHECK (lock_first > interval '0'),
    lock_longest     interval NOT NULL CHECK (lock_longest >= lock_first),
    -- This many lock until somebody gives another secret; null: never.
    disable_at       integer CHECK (disable_at > lock_at),
    -- Tries older than this no longer count; null: only a right secret clears the count.
    forget_after     interval,
    -- Whether a right secret clears the whole count, or takes back only its own try.
    success_clears   boolean NOT NULL
);

INSERT INTO identity.attempt_policies
    (kind, lock_at, lock_first, lock_longest, disable_at, forget_after, success_clears)
VALUES
    -- 10^6 PINs and ten tries: a stolen phone guesses right once in 100,000.
    ('pin',          5,   interval '15 minutes', interval '4 hours',    10,   NULL,                  true),
    -- A short first lock, because whoever knows a username can cause it; an hour at most.
    ('password',     10,  interval '1 minute',   interval '1 hour',     NULL, interval '24 hours',   true),
    -- Many people share one address behind a carrier's NAT, so it may fail often before it waits,
    -- and somebody's right password does not excuse the others' wrong ones.
    ('source',       100, interval '1 minute',   interval '15 minutes', NULL, interval '15 minutes', false),
    -- Registrations that met a taken username: the one place that says who is a member.
    ('registration', 50,  interval '1 minute',   interval '15 minutes', NULL, interval '15 minutes', false);

CREATE TABLE identity.attempts (
    kind         text NOT NULL REFERENCES identity.attempt_policies,
    -- SHA-256 of a user's id, of a username (which need not exist) or of a network address.
    subject      text NOT NULL CHECK (length(subject) = 64),
    failures     integer NOT NULL CHECK (failures >= 0),
    -- Counts every reservation for ever: a success knows by it whether others came after.
    ticket       bigint NOT NULL CHECK (ticket > 0),
    -- Locked before this moment; infinity: until another secret is given.
    locked_until timestamptz,
    last_at      timestamptz NOT NULL,
    PRIMARY KEY (kind, subject)
);

-- For sweeping what is forgotten: anybody can make rows by trying usernames that do not exist.
CREATE INDEX attempts_by_age ON identity.attempts (kind, last_at);
