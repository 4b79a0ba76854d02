-- question: Which songs were listened to, when and where?
-- grain: one row for each time that a song was listened to
-- unit: none
select
    event_id,
    song_id,
    device_id,
    occurred_at as played_at,
    is_completed
from event
where event_type = 'Music.SongListened'
