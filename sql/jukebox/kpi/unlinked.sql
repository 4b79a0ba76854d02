-- question: What do we not know the device of?
-- definition: The payments and the plays of which nobody said for which device, or on which, they
--             were; and the sum of those payments. They count as cash received, but for no sale
--             and no agent. All of them count, whatever their date.
-- why: As long as there are many, other figures here tell too little. Nobody guesses.
-- requirement: 3.16, 3.18
-- grain: one row for payments and one for plays, also where there are none
-- unit: events, and the currency of the payments
-- show: events count, amount decimal
select
    'payments' as kind,
    count(*) as events,
    coalesce(sum(amount), 0)::numeric(24, 2) as amount
from payments
where device_id is null
union all
select
    'plays' as kind,
    count(*) as events,
    null::numeric(24, 2) as amount
from songs_played
where device_id is null
order by kind
