-- outbox.append — write one event in the transaction that caused it.
--
-- Requires  p_payload is the JSON object of the event's own fields (event id, type and time are
--           columns, and the relay adds them).
-- Ensures   exactly one row, committed with its cause or not at all. Returns the event's id.
-- Private   called by other routines; no role may EXECUTE this.

CREATE OR REPLACE FUNCTION outbox.append(
    p_topic text, p_event_type text, p_schema_version integer, p_ordering_key text, p_payload json
) RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
    VALUES (outbox.mint_id(), p_topic, p_event_type, p_schema_version, p_ordering_key, clock_timestamp(), p_payload)
    RETURNING event_id
$$;
