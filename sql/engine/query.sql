-- question: The statements that come before KPIs are asked for. Names in braces are identifiers.

-- name: set
-- The settings that the JSON object $1 names, for this transaction.
select set_config('abcjob.' || key, value, true) from jsonb_each_text($1::text::jsonb);

-- name: hold
-- No table is swapped meanwhile. It comes before the snapshot is taken: a snapshot from before a
-- swap sees new tables empty.
lock table {tables} in access share mode;
