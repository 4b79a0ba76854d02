-- question: Where may jukeboxes stand, and whose is each place, as last registered?
-- grain: one row for each location
-- unit: degrees
select distinct on (location_id)
    location_id as id,
    customer_id,
    latitude,
    longitude,
    address,
    occurred_at as updated_at,
    event_id
from event
where event_type = 'Sale.LocationRegistered' and {is_touched:location_id}
order by location_id asc, occurred_at desc, event_id desc
