-- rule: Every session lies in the company and the month that its id names.
-- requirement: 1.13
-- severity: error
-- An id is its company's, four digits for the number of the month, and two for the session's. The
-- least and the greatest of a company's month tell it of all: they are a tenth of the rows.
with calendar as (
    select
        period,
        row_number() over (order by period) as number
    from month
),

told as (
    select
        company_month.company_id,
        company_month.period,
        company_month.first_session_id / 100 as first_names,
        company_month.last_session_id / 100 as last_names,
        company_month.company_id * 10000::bigint + calendar.number as it_is
    from company_month
    inner join calendar on company_month.period = calendar.period
)

select
    company_id,
    period
from told
where first_names <> it_is or last_names <> it_is
