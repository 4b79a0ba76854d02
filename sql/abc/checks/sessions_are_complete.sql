-- rule: The sessions by size and month add up to the sessions loaded.
-- requirement: 0.6
-- severity: error
with loaded as (
    select count(*) as sessions
    from session
),

modelled as (
    select coalesce(sum(sessions), 0) as sessions
    from size_month
)

select
    loaded.sessions as loaded,
    modelled.sessions as modelled
from loaded
cross join modelled
where loaded.sessions <> modelled.sessions
