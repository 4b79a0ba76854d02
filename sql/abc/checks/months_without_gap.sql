-- question: Which months follow on another than the one before them?
-- severity: error
with calendar as (
    select
        period,
        lag(period) over (order by period) as previous
    from month
)

select period
from calendar
where period <> previous + interval '1 month'
