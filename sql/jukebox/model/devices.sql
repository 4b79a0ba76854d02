-- question: Which jukeboxes are there, as last bought and as last allocated?
-- grain: one row for each device that was bought or allocated
-- unit: money
with purchased as (
    select distinct on (device_id)
        device_id,
        name,
        amount,
        occurred_at,
        event_id
    from event
    where event_type = 'Logistic.DevicePurchased' and {is_touched:device_id}
    order by device_id asc, occurred_at desc, event_id desc
),

allocated as (
    select distinct on (device_id)
        device_id,
        name,
        amount,
        occurred_at,
        event_id
    from event
    where event_type = 'Sale.DeviceAllocated' and {is_touched:device_id}
    order by device_id asc, occurred_at desc, event_id desc
)

select -- noqa: ST06
    coalesce(purchased.device_id, allocated.device_id) as id,
    case
        when
            allocated.device_id is null
            or (purchased.occurred_at, purchased.event_id)
            > (allocated.occurred_at, allocated.event_id)
            then purchased.name
        else allocated.name
    end as name,
    purchased.amount as purchase_cost,
    purchased.occurred_at as purchased_at,
    purchased.event_id as purchase_event_id,
    allocated.amount as sale_price,
    allocated.occurred_at as allocated_at,
    allocated.event_id as allocation_event_id
from purchased
full join allocated on purchased.device_id = allocated.device_id
