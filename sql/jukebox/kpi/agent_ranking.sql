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
-- What is asked for is told by selects of their own, as it would be told anew for each row else.
with played as (
    select -- noqa: ST06
        date_trunc('month', begins_at at time zone 'UTC') as month,
        agent_id,
        sum(
            case
                when (select current_setting('abcjob.all_plays') = 'yes') then songs_played
                else songs_completed
            end
        )::bigint as songs_played
    from agent_days
    where
        begins_at
        <= (select current_setting('abcjob.date')::timestamp at time zone 'UTC')
    group by month, agent_id
)

-- Its columns stand in the order in which people ask.
select -- noqa: ST06
    to_char(played.month, 'YYYY-MM') as month,
    played.agent_id,
    agents.name as agent,
    played.songs_played,
    rank() over (partition by played.month order by played.songs_played desc) as rank
from played
inner join agents on played.agent_id = agents.id
where played.songs_played > 0
order by month asc, rank asc, played.agent_id asc
