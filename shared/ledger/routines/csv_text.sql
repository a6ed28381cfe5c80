-- ledger.csv_text — a text as one CSV field that no spreadsheet runs as a formula.
--
-- Ensures   quoted, its quotes doubled (RFC 4180); led by an apostrophe where it starts with one of
--           = + - @, a tab or a return, also behind spaces or in their full-width forms.
-- Private   called by ledger.statement_lines.

CREATE OR REPLACE FUNCTION ledger.csv_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT '"' || CASE WHEN p_text ~ '^[\s\u00a0\u2000-\u200f\u3000\ufeff]*[=+\-@\t\r＝＋－＠]' THEN '''' ELSE '' END || replace(p_text, '"', '""') || '"'
$$;
