-- rule: Every allocation has its row, and no row is without its event.
-- requirement: 3.1, 3.9, 3.26
-- severity: error
-- The tables that keep the latest state alone have fewer rows than events, by intent. Plays have
-- theirs, too; to count them takes longer than all that is done for a day's events.
with told as (
    select count(*) as allocations
    from event
    where event_type = 'Sale.DeviceAllocated'
),

made as (
    select count(*) as allocations
    from allocations
)

select
    told.allocations as events_of_allocations,
    made.allocations
from told
cross join made
where told.allocations <> made.allocations
