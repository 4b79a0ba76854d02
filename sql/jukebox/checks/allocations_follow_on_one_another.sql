-- rule: A device's allocations follow on one another, without gap or overlap; the last has no end.
-- requirement: 3.2
-- severity: error
with followed as (
    select
        id,
        starts_at,
        ends_at,
        lead(starts_at) over (partition by device_id order by starts_at, event_id) as next_at
    from allocations
)

select id
from followed
where ends_at is distinct from next_at or ends_at < starts_at
