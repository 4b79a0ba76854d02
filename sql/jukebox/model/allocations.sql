-- question: To which location was each device given, by whom, for how much, and until when?
-- grain: one row for each event that gave a device to a location
-- unit: money
select -- noqa: ST06
    ('x' || left(encode(sha256(convert_to(event_id, 'UTF8')), 'hex'), 16))::bit(64)::bigint
    & 9223372036854775807 as id,
    device_id,
    location_id,
    agent_id,
    amount as price,
    occurred_at as starts_at,
    lead(occurred_at) over (partition by device_id order by occurred_at, event_id) as ends_at,
    event_id
from event
where event_type = 'Sale.DeviceAllocated' and {is_touched:device_id}
