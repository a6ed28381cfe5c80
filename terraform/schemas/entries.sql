-- entries — one row per side of each event: what an account gave (out) or got (in).
--
-- `day` is the day in Jakarta, on which every sum is made. A caller names a range of
-- occurred_at, which events_raw requires; `day` alone would not choose partitions.
SELECT
  event_id, transfer_id, occurred_at, DATE(occurred_at, 'Asia/Jakarta') AS day,
  debit_user_id AS user_id, debit_account_id AS account_id, 'out' AS direction, kind, amount, currency,
  debit_balance_after AS balance_after, credit_account_id AS counterparty_account_id
FROM `${project}.${dataset}.events`
UNION ALL
SELECT
  event_id, transfer_id, occurred_at, DATE(occurred_at, 'Asia/Jakarta') AS day,
  credit_user_id AS user_id, credit_account_id AS account_id, 'in' AS direction, kind, amount, currency,
  credit_balance_after AS balance_after, debit_account_id AS counterparty_account_id
FROM `${project}.${dataset}.events`
