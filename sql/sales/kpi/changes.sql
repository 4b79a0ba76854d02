-- question: What changed since the last published run of an earlier date, and since a year before?
-- definition: The revenue of all sales loaded by this date against that of the last earlier date
--             that has figures; and against the latest figures of a year before or earlier, but
--             not of more than two years before. A region is told where a ranking names it on
--             this date or the earlier one; where one does not, its revenue there is unknown. The
--             change as a percentage is of the revenue before, and undefined where that is not
--             above zero.
-- why: Revenue that stands still may mean that a file is missing. The year before has the same
--      season.
-- requirement: 2.5, 2.17
-- grain: all sales, and a region; no rows where there is no earlier date
-- unit: euros
-- key: scope, region
-- show: revenue_now euros, change euros, change_percent percent, since text,
--       revenue_before euros, year_change euros, year_since text, revenue_year_before euros
with told as (
    select
        logical_date,
        kpi,
        case kpi when 'total_revenue' then 'all' else 'region' end as scope,
        case kpi when 'total_revenue' then '' else key end as region,
        max(value) filter (where measure = 'revenue') as revenue
    from abcjob.figure_of_date
    where
        job = 'sales'
        and kpi in ('total_revenue', 'revenue_by_region')
        and logical_date <= current_setting('abcjob.date')::date
    group by logical_date, kpi, key
    -- The rest has no rank: other regions stand in it on another date.
    having kpi = 'total_revenue' or max(value) filter (where measure = 'rank') is not null
),

dates as (
    select
        logical_date,
        row_number() over (order by logical_date desc) as age,
        max(logical_date) over () as last_date
    from told
    group by logical_date
),

compared as (
    select
        max(last_date) as last_date,
        max(logical_date) filter (where age = 2) as since,
        max(logical_date) filter (
            where
            logical_date <= last_date - interval '1 year'
            and logical_date >= last_date - interval '2 years'
        ) as year_since
    from dates
),

now_told as (
    select told.* from told
    inner join compared on told.logical_date = compared.last_date
),

before as (
    select told.* from told
    inner join compared on told.logical_date = compared.since
),

year_before as (
    select told.* from told
    inner join compared on told.logical_date = compared.year_since
),

named as (
    select
        scope,
        region
    from now_told
    union
    select
        scope,
        region
    from before
),

change as (
    select
        named.scope,
        named.region,
        compared.since,
        compared.year_since,
        now_told.revenue as revenue_now,
        before.revenue as revenue_before,
        year_before.revenue as revenue_year_before
    from named
    inner join compared on compared.since is not null
    left join now_told on named.scope = now_told.scope and named.region = now_told.region
    left join before on named.scope = before.scope and named.region = before.region
    left join year_before
        on named.scope = year_before.scope and named.region = year_before.region
)

-- Its columns stand in the order in which people ask.
select -- noqa: ST06
    case scope when 'all' then 'all sales' else region end as revenue_of,
    scope,
    region,
    since,
    revenue_now::numeric(24, 2) as revenue_now,
    revenue_before::numeric(24, 2) as revenue_before,
    (revenue_now - revenue_before)::numeric(24, 2) as change,
    case
        when revenue_before > 0
            then ((revenue_now - revenue_before) / revenue_before)::numeric(38, 8)
    end as change_percent,
    year_since,
    revenue_year_before::numeric(24, 2) as revenue_year_before,
    (revenue_now - revenue_year_before)::numeric(24, 2) as year_change
from change
order by
    case scope when 'all' then 1 else 2 end asc,
    revenue_now desc nulls last,
    region collate "C" asc
