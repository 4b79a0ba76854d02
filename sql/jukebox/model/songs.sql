-- question: Which songs are there, as last published, and which were removed since?
-- grain: one row for each song ever published
-- unit: seconds, MB
with published as (
    select distinct on (song_id)
        song_id,
        artist_name,
        album_name,
        name,
        song_length,
        song_size,
        occurred_at,
        event_id
    from event
    where event_type = 'Music.SongPublished' and {is_touched:song_id}
    order by song_id asc, occurred_at desc, event_id desc
),

removed as (
    select distinct on (song_id)
        song_id,
        occurred_at,
        event_id
    from event
    where event_type = 'Music.SongRemoved' and {is_touched:song_id}
    order by song_id asc, occurred_at desc, event_id desc
),

-- Only a removal that is later than what it removes.
told as (
    select
        published.*,
        removed.occurred_at as removed_at,
        removed.event_id as removal_event_id
    from published
    left join removed
        on
            published.song_id = removed.song_id
            and (removed.occurred_at, removed.event_id)
            > (published.occurred_at, published.event_id)
)

select
    told.song_id as id,
    albums.id as album_id,
    told.name,
    told.song_length as length,
    told.song_size as size,
    told.removed_at is not null as is_removed,
    coalesce(told.removed_at, told.occurred_at) as updated_at,
    coalesce(told.removal_event_id, told.event_id) as event_id
from told
inner join artists on told.artist_name = artists.name
inner join albums on artists.id = albums.artist_id and told.album_name = albums.name
