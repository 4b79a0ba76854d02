-- question: What stands out in the last days?
-- definition: Of the sales of the window that ends with the date of the report: their revenue, its
--             mean per day, and what brought most of it, each with its share of that revenue,
--             undefined where it is zero. The weakest region is the last of those with a sale,
--             and told where there are two or more.
-- why: It is what to talk about on the morning of the report, before any table is read.
-- requirement: 2.15
-- grain: a finding; where nothing was sold, the total and the mean alone
-- unit: euros
-- key: finding, what
-- show: what text, revenue euros, share percent
with period as (
    select
        current_setting('abcjob.date')::date as last_day,
        current_setting('abcjob.window')::integer as days
),

-- One scan, and no sort of what it finds, however wide the window is.
sold as (
    select
        store_id,
        product_id,
        sale_date,
        sum(amount) as revenue
    from sales
    where
        sale_date > (select period.last_day - period.days from period)
        and sale_date <= (select period.last_day from period)
    group by grouping sets ((store_id), (product_id), (sale_date))
),

by_store as (
    select
        stores.id,
        stores.city,
        stores.region,
        sold.revenue
    from sold
    inner join stores on sold.store_id = stores.id
),

by_product as (
    select
        products.id,
        products.name,
        products.category,
        sold.revenue
    from sold
    inner join products on sold.product_id = products.id
),

by_day as (
    select
        sale_date,
        revenue
    from sold
    where sale_date is not null
),

total as (
    select coalesce(sum(revenue), 0) as revenue
    from by_day
),

named as (
    select
        'region' as kind,
        region as name,
        '' as id,
        region as what,
        sum(revenue) as revenue
    from by_store
    group by region
    union all
    select
        'store' as kind,
        city as name,
        id,
        city || ' (' || id || ')' as what,
        revenue
    from by_store
    union all
    select
        'product' as kind,
        name,
        id,
        name || ' (' || id || ')' as what,
        revenue
    from by_product
    union all
    select
        'category' as kind,
        category as name,
        '' as id,
        category as what,
        sum(revenue) as revenue
    from by_product
    group by category
    union all
    select
        'day' as kind,
        sale_date::text as name,
        '' as id,
        to_char(sale_date, 'FMDay, YYYY-MM-DD') as what,
        revenue
    from by_day
),

candidate as (
    select
        kind,
        what,
        revenue,
        row_number() over (
            partition by kind order by revenue desc, name collate "C" asc, id collate "C" asc
        ) as place,
        count(*) over (partition by kind) as places
    from named
),

finding as (
    select
        1 as line,
        'total of the window' as finding,
        to_char(greatest(period.last_day - period.days + 1, '0001-01-01'), 'YYYY-MM-DD')
        || ' to '
        || to_char(period.last_day, 'YYYY-MM-DD') as what,
        total.revenue,
        total.revenue / nullif(total.revenue, 0) as share
    from period
    cross join total
    union all
    select
        2 as line,
        'mean per day' as finding,
        'over ' || period.days || case period.days when 1 then ' day' else ' days' end as what,
        total.revenue / period.days as revenue,
        null as share
    from period
    cross join total
    union all
    select
        2 + array_position(
            array['region', 'store', 'product', 'category', 'day'], candidate.kind
        ) as line,
        'best ' || candidate.kind as finding,
        candidate.what,
        candidate.revenue,
        candidate.revenue / nullif(total.revenue, 0) as share
    from candidate
    cross join total
    where candidate.place = 1
    union all
    select
        8 as line,
        'weakest region' as finding,
        candidate.what,
        candidate.revenue,
        candidate.revenue / nullif(total.revenue, 0) as share
    from candidate
    cross join total
    where
        candidate.kind = 'region'
        and candidate.place = candidate.places
        and candidate.places > 1
)

select
    finding,
    what,
    revenue::numeric(24, 2) as revenue,
    share::numeric(38, 8) as share
from finding
order by line
