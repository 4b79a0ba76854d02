-- question: Whose allocations do added events tell anew, or end earlier?
-- grain: one row for each key
-- unit: none
select distinct device_id as key
from added_event
where event_type = 'Sale.DeviceAllocated'
