-- question: Which songs do added events publish or remove?
-- grain: one row for each key
-- unit: none
-- A song that is removed has been published: else its removal would wait.
select distinct song_id as key
from added_event
where event_type in ('Music.SongPublished', 'Music.SongRemoved')
