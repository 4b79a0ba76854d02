-- question: The statement that counts what a check returns. The name in braces is its SQL.

-- name: count_violations
-- A check finds in `loaded` how many rows of each input this run has loaded, by the server's count:
-- what it holds against them, it need not count again. Most checks do without.
with loaded as ( -- noqa: ST03
    select
        counted.key as input,
        counted.value::bigint as rows
    from json_each_text($1::json) as counted
)

select count(*) as violations from (
    {violations}
) as violation;
