-- question: Which agents do added events tell anew?
-- grain: one row for each key
-- unit: none
select distinct agent_id as key
from added_event
where event_type = 'Sale.DeviceAllocated'
