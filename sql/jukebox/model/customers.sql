-- question: Who are our customers, as last registered?
-- grain: one row for each customer
-- unit: none
select distinct on (customer_id)
    customer_id as id,
    name,
    address as legal_address,
    phone_number,
    identity_number,
    occurred_at as updated_at,
    event_id
from event
where event_type = 'Sale.CustomerRegistered' and {is_touched:customer_id}
order by customer_id asc, occurred_at desc, event_id desc
