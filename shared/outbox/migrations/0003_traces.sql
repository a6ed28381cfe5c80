-- The trace of the request that caused an event travels with it: W3C's traceparent, or null where
-- nobody wants to see it. The row takes it from a setting of its transaction (outbox.under_trace), so
-- that no routine that moves money has to carry it. Ids only; nothing of a person.

ALTER TABLE outbox.events
    ADD COLUMN traceparent text DEFAULT nullif(current_setting('lite.traceparent', true), '');
