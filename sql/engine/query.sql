-- question: The statements that come before KPIs are asked for. Names in braces are identifiers.

-- name: set_date
select set_config('abcjob.date', $1, true);

-- name: hold
-- No table is swapped meanwhile. It comes before the snapshot is taken: a snapshot from before a
-- swap sees new tables empty.
lock table {tables} in access share mode;
