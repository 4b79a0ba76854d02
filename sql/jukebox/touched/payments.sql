-- question: Which payments do added events tell anew?
-- grain: one row for each key
-- unit: none
select distinct payment_id as key
from added_event
where event_type = 'Payment.PaymentReceived'
