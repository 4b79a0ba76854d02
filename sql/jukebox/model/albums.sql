-- question: Which albums was a song ever published of?
-- grain: one row for each artist and album's name
-- unit: none
with named as (
    select distinct
        artist_name,
        album_name
    from event
    where event_type = 'Music.SongPublished'
),

-- Between both names stands a line feed, and where the artist's has one itself a byte that no text
-- has: else two albums could have one key.
told as (
    select
        artists.id as artist_id,
        named.album_name as name,
        convert_to(named.artist_name, 'UTF8')
        || case strpos(named.artist_name, E'\n') when 0 then '\x0a' else '\xff' end::bytea
        || convert_to(named.album_name, 'UTF8') as content
    from named
    inner join artists on named.artist_name = artists.name
)

select -- noqa: ST06
    ('x' || left(encode(sha256(content), 'hex'), 16))::bit(64)::bigint
    & 9223372036854775807 as id,
    artist_id,
    name
from told
