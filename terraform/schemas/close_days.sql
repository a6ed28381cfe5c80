-- close_days — write the sums and the deduplicated entries of finished days, once, so that
-- what people look at never deduplicates or adds up history again.
--
-- Runs every night, and whenever a day was opened again by deleting its row, and those of
-- the days after it, from closings. A day is closed two days later, when late events have
-- long arrived; the last seven closed days are done over, so that an event which took its
-- way through the dead letters still counts. Whole days are replaced, never added to:
-- running it twice does no harm. A day that is closed for the first time counts as closed only
-- with the last statement; one that is done over is replaced table by table, and where the
-- query stops in between its entries, its sums and its closing differ by what came late until
-- the next night.
DECLARE v_last DATE DEFAULT DATE_SUB(CURRENT_DATE('Asia/Jakarta'), INTERVAL 2 DAY);
DECLARE v_first DATE DEFAULT (
  SELECT LEAST(
    DATE_SUB(v_last, INTERVAL 6 DAY),
    COALESCE(DATE_ADD(MAX(day), INTERVAL 1 DAY), DATE '2026-01-01')  -- before the first customer
  )
  FROM `${project}.${dataset}.closings`
);
DECLARE v_since TIMESTAMP DEFAULT TIMESTAMP(v_first, 'Asia/Jakarta');
DECLARE v_until TIMESTAMP DEFAULT TIMESTAMP(DATE_ADD(v_last, INTERVAL 1 DAY), 'Asia/Jakarta');

MERGE `${project}.${dataset}.entries_closed` AS closed
USING (
  SELECT * FROM `${project}.${dataset}.entries`
  WHERE occurred_at >= v_since AND occurred_at < v_until
) AS entry
ON FALSE
WHEN NOT MATCHED BY SOURCE AND closed.day BETWEEN v_first AND v_last THEN DELETE
WHEN NOT MATCHED BY TARGET THEN INSERT (
  event_id, transfer_id, occurred_at, day, user_id, account_id, direction, kind, amount, currency,
  balance_after, counterparty_account_id
) VALUES (
  entry.event_id, entry.transfer_id, entry.occurred_at, entry.day, entry.user_id, entry.account_id,
  entry.direction, entry.kind, entry.amount, entry.currency, entry.balance_after,
  entry.counterparty_account_id
);

MERGE `${project}.${dataset}.totals_closed` AS closed
USING (
  SELECT day, user_id, kind, direction, counterparty_account_id, SUM(amount) AS total_amount, COUNT(*) AS entry_count
  FROM `${project}.${dataset}.entries_closed`
  WHERE day BETWEEN v_first AND v_last AND user_id IS NOT NULL
  GROUP BY day, user_id, kind, direction, counterparty_account_id
) AS total
ON FALSE
WHEN NOT MATCHED BY SOURCE AND closed.day BETWEEN v_first AND v_last THEN DELETE
WHEN NOT MATCHED BY TARGET THEN INSERT (
  day, user_id, kind, direction, counterparty_account_id, total_amount, entry_count
) VALUES (
  total.day, total.user_id, total.kind, total.direction, total.counterparty_account_id,
  total.total_amount, total.entry_count
);

MERGE `${project}.${dataset}.closings` AS closing
USING (
  SELECT day, COUNT(entry.event_id) AS event_count, COALESCE(SUM(entry.amount), 0) AS total_amount
  FROM UNNEST(GENERATE_DATE_ARRAY(v_first, v_last)) AS day
  LEFT JOIN (
    SELECT day AS entry_day, event_id, amount FROM `${project}.${dataset}.entries_closed`
    WHERE day BETWEEN v_first AND v_last AND direction = 'in'
  ) AS entry ON entry.entry_day = day
  GROUP BY day
) AS finished
ON closing.day = finished.day
WHEN MATCHED THEN UPDATE SET
  event_count = finished.event_count, total_amount = finished.total_amount, closed_at = CURRENT_TIMESTAMP()
WHEN NOT MATCHED THEN INSERT (day, event_count, total_amount, closed_at)
VALUES (finished.day, finished.event_count, finished.total_amount, CURRENT_TIMESTAMP());
