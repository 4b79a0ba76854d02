-- question: Which allocations are sold: paid to their price, and when was that reached?
-- grain: one row for each allocation whose payments reach its price
-- unit: money
with allocated as (
    select
        id,
        device_id,
        price,
        starts_at,
        row_number() over (partition by device_id order by starts_at, event_id) as number
    from allocations
    where {is_touched:device_id}
),

paid as (
    select
        id,
        device_id,
        amount,
        received_at
    from payments
    where device_id is not null and {is_touched:device_id}
),

moment as (
    select
        device_id,
        starts_at as at,
        0 as is_payment,
        null::bigint as payment_id,
        null::numeric as amount
    from allocated
    union all
    select
        device_id,
        received_at as at,
        1 as is_payment,
        id as payment_id,
        amount
    from paid
),

-- A payment belongs to the last allocation before it, or to the first where there is none before.
linked as (
    select
        device_id,
        payment_id,
        at as received_at,
        amount,
        greatest(
            count(*) filter (where is_payment = 0)
                over (partition by device_id order by at, is_payment),
            1
        ) as number
    from moment
),

added_up as (
    select
        allocated.id,
        allocated.device_id,
        allocated.price,
        allocated.starts_at,
        linked.received_at,
        linked.amount,
        sum(linked.amount) over (
            partition by allocated.id
            order by linked.received_at, linked.payment_id
            rows unbounded preceding
        ) as received_by_then
    from allocated
    left join linked
        on
            allocated.device_id = linked.device_id
            and allocated.number = linked.number
            and linked.payment_id is not null
)

-- What costs nothing needs no payment, and no payment reaches its price; the greatest of a time and
-- null is the time.
select
    id as allocation_id,
    device_id,
    price,
    coalesce(sum(amount), 0) as received,
    greatest(
        starts_at,
        min(received_at) filter (where price > 0 and received_by_then >= price)
    ) as sold_at
from added_up
group by id, device_id, price, starts_at
having coalesce(sum(amount), 0) >= price
