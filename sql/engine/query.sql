-- question: The statement that makes sure no table is swapped while KPIs are asked for. It comes
--           before the snapshot is taken: a snapshot from before a swap sees new tables empty.

-- name: hold
lock table {tables} in access share mode;
