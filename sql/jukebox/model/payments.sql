-- question: What was paid, for which device, and by whom?
-- grain: one row for each payment, as last told
-- unit: money
select distinct on (payment_id)
    payment_id as id,
    device_id,
    customer_id,
    amount,
    occurred_at as received_at,
    event_id
from event
where event_type = 'Payment.PaymentReceived' and {is_touched:payment_id}
order by payment_id asc, occurred_at desc, event_id desc
