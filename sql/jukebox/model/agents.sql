-- question: Who sells, by the last allocation of each?
-- grain: one row for each agent
-- unit: none
select distinct on (agent_id)
    agent_id as id,
    agent_name as name,
    occurred_at as updated_at,
    event_id
from event
where event_type = 'Sale.DeviceAllocated' and {is_touched:agent_id}
order by agent_id asc, occurred_at desc, event_id desc
