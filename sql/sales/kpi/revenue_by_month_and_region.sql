-- question: How does revenue develop in each region?
-- definition: The amounts of the month's sales in the five regions of most revenue over these
--             months, or as many as are asked for if fewer, and in all others together (other);
--             each with its share of the month's revenue, undefined where that is zero. Months
--             without a sale are there too. The last month is that of the last sale by the date
--             of the report, the first is at most five years before it (60 months are told).
-- why: A total hides a region that falls while another rises. Each against its own past tells a
--      season, which all have, from a trouble that one has.
-- requirement: 2.17
-- grain: a month of the last 60 from the first sale's to the last's, and a region or the rest
-- unit: euros
-- key: period, region
-- across: region
-- show: revenue euros, share percent
with sold as (
    select
        store_id,
        date_trunc('month', sale_date::timestamp)::date as period,
        sum(revenue) as revenue
    from store_day
    where sale_date <= current_setting('abcjob.date')::date
    group by store_id, period
),

by_region_ever as (
    select
        stores.region,
        sold.period,
        sum(sold.revenue) as revenue
    from sold
    inner join stores on sold.store_id = stores.id
    group by stores.region, sold.period
),

by_region as (
    select
        region,
        period,
        revenue
    from by_region_ever
    where period > (select max(ever.period) - interval '60 months' from by_region_ever as ever)
),

ranked as (
    select
        region,
        row_number() over (order by sum(revenue) desc, region collate "C" asc) as place
    from by_region
    group by region
),

-- With a star more than any region of that name has.
rest as (
    select
        least(current_setting('abcjob.top')::integer, 5) + 1 as line,
        'other' || repeat('*', coalesce(max(length(region)) - 4, 0)) as name
    from ranked
    where region ~ '^other[*]*$'
),

placed as (
    select
        ranked.region,
        least(ranked.place, rest.line) as line,
        case when ranked.place < rest.line then ranked.region else rest.name end as name,
        case when ranked.place < rest.line then ranked.place end as rank
    from ranked
    cross join rest
),

line as (
    select distinct
        line,
        name,
        rank
    from placed
),

month as (
    select period::date as period
    from
        generate_series(
            (select min(by_region.period)::timestamp from by_region),
            (select max(by_region.period)::timestamp from by_region),
            interval '1 month'
        ) as period
),

told as (
    select
        by_region.period,
        placed.line,
        sum(by_region.revenue) as revenue
    from by_region
    inner join placed on by_region.region = placed.region
    group by by_region.period, placed.line
)

select
    month.period,
    line.name as region,
    line.rank,
    coalesce(told.revenue, 0)::numeric(24, 2) as revenue,
    (
        coalesce(told.revenue, 0)
        / nullif(sum(told.revenue) over (partition by month.period), 0)
    )::numeric(38, 8) as share
from month
cross join line
left join told on month.period = told.period and line.line = told.line
order by month.period, line.line
