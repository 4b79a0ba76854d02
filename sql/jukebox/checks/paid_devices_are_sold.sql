-- rule: A device for which its expected price is received has a sale.
-- requirement: 3.6, 3.20
-- severity: error
-- All that is received for a device belongs to its allocations: one of them at least is paid.
with allocated as (
    select
        device_id,
        sum(price) as expected
    from allocations
    group by device_id
),

paid as (
    select
        device_id,
        sum(amount) as received
    from payments
    where device_id is not null
    group by device_id
)

select allocated.device_id
from allocated
left join paid on allocated.device_id = paid.device_id
where
    coalesce(paid.received, 0) >= allocated.expected
    and not exists (
        select 1 from sales
        where sales.device_id = allocated.device_id
    )
