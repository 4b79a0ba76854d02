-- question: Which artists was a song ever published of?
-- grain: one row for each artist's name
-- unit: none
with named as (
    select distinct artist_name as name
    from event
    where event_type = 'Music.SongPublished'
)

-- Surrogate keys are 63 bits of a hash: the same for the same name, whatever came before. Its
-- columns stand in the order of the table's, as in the other models.
select -- noqa: ST06
    ('x' || left(encode(sha256(convert_to(name, 'UTF8')), 'hex'), 16))::bit(64)::bigint
    & 9223372036854775807 as id,
    name
from named
