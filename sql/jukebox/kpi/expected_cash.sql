-- question: What was received for each device, against what is expected?
-- definition: Expected is the sum of the prices of all of a device's allocations, received the sum
--             of all payments for it, and the balance what was received beyond what is expected:
--             negative where it is still due. All of them count, whatever their date.
-- why: It tells which customers to remind, and what money may still come.
-- requirement: 3.6
-- grain: a device that was allocated or paid for
-- unit: the currency of the payments
-- show: device text, expected decimal, received decimal, balance decimal
with allocated as (
    select
        device_id,
        sum(price) as expected
    from allocations
    group by device_id
),

-- Added up before they are joined: a device may have several of both.
paid as (
    select
        device_id,
        sum(amount) as received
    from payments
    where device_id is not null
    group by device_id
),

told as (
    select
        coalesce(allocated.device_id, paid.device_id) as device_id,
        coalesce(allocated.expected, 0) as expected,
        coalesce(paid.received, 0) as received
    from allocated
    full join paid on allocated.device_id = paid.device_id
)

select
    told.device_id,
    devices.name as device,
    told.expected::numeric(24, 2) as expected,
    told.received::numeric(24, 2) as received,
    (told.received - told.expected)::numeric(24, 2) as balance
from told
inner join devices on told.device_id = devices.id
order by told.device_id
