-- question: How much cash went out on each day?
-- definition: The costs of the devices bought on the day, each at what its last purchase cost. The
--             trailing mean is of the day and the 14 days before it, each of which counts, with a
--             purchase or without one; days before the first purchase count as 0.
--             Days are those of UTC, up to the date of the report.
-- why: Devices are paid long before their customers have paid them: what goes out has to be seen
--      beside what comes in.
-- requirement: 3.4
-- grain: a day from the first with a purchase to the date, also one without; where the last
--        purchase is longer ago, to the day on which the mean has come to 0
-- unit: the currency of the payments
-- show: amount decimal, trailing_mean_15d decimal
-- When the day ends is a select of its own, as it would be told anew for each row else.
with told as (
    select
        (purchased_at at time zone 'UTC')::date as day,
        sum(purchase_cost) as amount
    from devices
    where
        purchased_at
        < (select (current_setting('abcjob.date')::date + 1)::timestamp at time zone 'UTC')
    group by day
),

calendar as (
    select day::date as day
    from
        generate_series(
            (select min(told.day)::timestamp from told),
            (
                select least(max(told.day) + 15, current_setting('abcjob.date')::date)::timestamp
                from told
            ),
            interval '1 day'
        ) as day
)

select
    calendar.day,
    coalesce(told.amount, 0)::numeric(24, 2) as amount,
    (
        coalesce(
            sum(told.amount) over (
                order by calendar.day rows between 14 preceding and current row
            ),
            0
        ) / 15
    )::numeric(24, 2) as trailing_mean_15d
from calendar
left join told on calendar.day = told.day
order by calendar.day
