-- question: Which devices do added events tell anew?
-- grain: one row for each key
-- unit: none
select distinct device_id as key
from added_event
where event_type in ('Sale.DeviceAllocated', 'Logistic.DevicePurchased')
