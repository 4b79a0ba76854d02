-- question: Which agents sold the jukeboxes that are used most, in each month?
-- definition: The songs played in the month on the devices that an agent allocated: each play goes
--             to the agent of the allocation in force when it was played, paid or not. Only songs
--             played to their end count, unless all are asked for. The agent of most plays has
--             rank 1; agents of as many plays share a rank. Months are those of UTC, up to the
--             date of the report.
-- why: A jukebox that is played is one that its customer keeps and pays for: its agent is to be
--      rewarded, not the one who only placed it.
-- requirement: 3.2, 3.19
-- grain: a month and an agent with at least one play in it
-- unit: songs played
-- key: month, agent_id
-- show: rank count, agent text, agent_id text, songs_played count
-- A play finds its month by its day, which is quicker to tell than a month is; and a comparison
-- that is not true lets PostgreSQL expect many rows, so that several processes add them up.
with day as (
    select
        begins_at at time zone 'UTC' as begins_at,
        min(date_trunc('month', begins_at)) as month_at
    from
        generate_series(
            (
                select date_trunc('day', min(allocations.starts_at) at time zone 'UTC')
                from allocations
            ),
            current_setting('abcjob.date')::timestamp,
            interval '1 day'
        ) as begins_at
    group by begins_at at time zone 'UTC'
),

played as (
    select
        day.month_at,
        allocations.agent_id,
        count(*) as songs_played
    from songs_played
    inner join allocations
        on
            songs_played.device_id = allocations.device_id
            and (songs_played.played_at < allocations.starts_at) is not true
            and (songs_played.played_at >= allocations.ends_at) is not true
    inner join day
        on
            date_bin('1 day', songs_played.played_at, '2000-01-01 00:00:00+00')
            = day.begins_at
    where
        songs_played.is_completed
        or (select current_setting('abcjob.all_plays') = 'yes')
    group by day.month_at, allocations.agent_id
)

-- Its columns stand in the order in which people ask.
select -- noqa: ST06
    to_char(played.month_at, 'YYYY-MM') as month,
    played.agent_id,
    agents.name as agent,
    played.songs_played,
    rank() over (partition by played.month_at order by played.songs_played desc) as rank
from played
inner join agents on played.agent_id = agents.id
order by month asc, rank asc, played.agent_id asc
