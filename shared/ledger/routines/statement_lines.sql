-- ledger.statement_lines — the CSV lines of a range of a user's entries, as one text.
--
-- Requires  p_first <= p_last, at most 5,000 apart: the caller walks on range by range, so that a
--           statement of any length needs the memory of one range.
-- Ensures   RFC 4180 lines, oldest first: date and time in Asia/Jakarta, reference, kind, direction,
--           counterparty's number and name, note, signed amount, balance. A text that a
--           spreadsheet would run as a formula is preceded by an apostrophe (CSV injection, OWASP).

CREATE OR REPLACE FUNCTION ledger.statement_lines(p_user_id uuid, p_first bigint, p_last bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT string_agg(
        to_char(e.posted_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM-DD,HH24:MI:SS') || ','
        || e.transfer_id || ',' || t.kind || ',' || CASE WHEN e.amount < 0 THEN 'out' ELSE 'in' END || ','
        || coalesce(c.number, '') || ',' || ledger.csv_text(c.holder_name) || ',' || ledger.csv_text(t.note) || ','
        || e.amount || ',' || e.balance_after, E'\r\n' ORDER BY e.version) || E'\r\n'
    FROM ledger.entries AS e
    JOIN ledger.transfers AS t
      ON t.id = e.transfer_id
     AND t.debit_account_id = CASE WHEN e.amount < 0 THEN e.account_id ELSE e.counterparty_id END
    JOIN ledger.accounts AS c ON c.id = e.counterparty_id
    WHERE e.account_id = (SELECT a.id FROM ledger.accounts AS a WHERE a.user_id = p_user_id)
      AND e.version BETWEEN p_first AND least(p_last, p_first + 4999)
$$;

GRANT EXECUTE ON FUNCTION ledger.statement_lines(uuid, bigint, bigint) TO lite_wallet;
