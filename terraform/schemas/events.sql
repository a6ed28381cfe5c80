-- events — one row per event, however often it was delivered. Made by tools/schemas.py.
--
-- occurred_at stands in the PARTITION BY although event_id alone would do: only a column
-- named there lets BigQuery push the caller's day range below the window and so read
-- nothing but the partitions asked for. Copies of one event have one occurred_at.
SELECT
  event_id,
  event_type,
  occurred_at,
  transfer_id,
  kind,
  amount,
  currency,
  debit_account_id,
  credit_account_id,
  debit_user_id,
  credit_user_id,
  debit_balance_after,
  credit_balance_after,
  publish_time
FROM `${project}.${dataset}.events_raw`
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id, occurred_at ORDER BY publish_time) = 1
