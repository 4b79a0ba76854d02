-- question: The statement that counts what a check returns. The name in braces is its SQL.

-- name: count_violations
select count(*) as violations from (
    {violations}
) as violation;
