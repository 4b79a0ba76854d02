-- question: Of which days may added events change whose plays there were?
-- grain: one row for each key
-- unit: none
-- An allocation may change who is given the plays of its device from its time on; told anew, also
-- from the time and of the device that it had before. What is not true is not looked up for each
-- device: that was seen to take twenty times as long.
with told as materialized (
    select
        event_type,
        device_id,
        occurred_at
    from added_event
    where event_type in ('Music.SongListened', 'Sale.DeviceAllocated')
    union all
    select
        event_type,
        device_id,
        occurred_at
    from replaced_event
    where event_type in ('Music.SongListened', 'Sale.DeviceAllocated')
),

allocated as (
    select
        device_id,
        min(occurred_at) as since
    from told
    where event_type = 'Sale.DeviceAllocated'
    group by device_id
)

select date_bin('1 day', occurred_at, '2000-01-01 00:00:00+00') as key
from told
where event_type = 'Music.SongListened'
union
select date_bin('1 day', known.played_at, '2000-01-01 00:00:00+00') as key
from {published:songs_played} as known
inner join allocated
    on
        known.device_id = allocated.device_id
        and (known.played_at < allocated.since) is not true
where
    known.played_at >= (select min(earliest.since) from allocated as earliest)
