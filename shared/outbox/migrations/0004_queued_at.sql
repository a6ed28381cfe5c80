-- How long an event has waited is told from when it came here: what is published again keeps the time
-- of what it tells of, which may lie years back. Each payment writes one row, and reading the clock
-- is all that the default adds to it.

-- In two steps: a column that is added with such a default would write every waiting row anew.
ALTER TABLE outbox.events ADD COLUMN queued_at timestamptz;
ALTER TABLE outbox.events ALTER COLUMN queued_at SET DEFAULT clock_timestamp();
