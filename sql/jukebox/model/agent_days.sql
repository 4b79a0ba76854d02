-- question: How many songs were played on each day on the devices that each agent had allocated?
-- grain: a day of UTC, and an agent on whose devices at least one song was played on it
-- unit: songs played
-- A comparison that is not true lets PostgreSQL expect many rows, so that several processes add
-- them up.
with played as (
    select -- noqa: ST06
        date_bin('1 day', played_at, '2000-01-01 00:00:00+00') as begins_at,
        played_at,
        device_id,
        is_completed
    from songs_played
    where {is_from_touched:played_at}
)

select
    played.begins_at,
    allocations.agent_id,
    count(*) as songs_played,
    count(*) filter (where played.is_completed) as songs_completed
from played
inner join allocations
    on
        played.device_id = allocations.device_id
        and (played.played_at < allocations.starts_at) is not true
        and (played.played_at >= allocations.ends_at) is not true
where {is_touched:begins_at}
group by played.begins_at, allocations.agent_id
