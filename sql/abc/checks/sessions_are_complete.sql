-- rule: The sessions by size and month add up to the sessions loaded.
-- requirement: 0.6
-- severity: error
-- A sum, as it is null where nobody says how many were loaded, and then there is a violation.
with expected as (
    select sum(rows) as sessions
    from loaded
    where input = 'session'
),

modelled as (
    select coalesce(sum(sessions), 0) as sessions
    from size_month
)

select
    expected.sessions as loaded,
    modelled.sessions as modelled
from expected
cross join modelled
where expected.sessions is distinct from modelled.sessions
