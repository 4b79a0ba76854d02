-- question: Of which devices may added events change the sales?
-- grain: one row for each key
-- unit: none
-- A payment told anew counts no more for the device that it was for before.
select device_id as key
from added_event
where
    event_type in ('Sale.DeviceAllocated', 'Payment.PaymentReceived')
    and device_id is not null
union
select told.device_id as key
from {published:payments} as told
inner join added_event on told.id = added_event.payment_id
where added_event.event_type = 'Payment.PaymentReceived' and told.device_id is not null
