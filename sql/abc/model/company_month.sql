-- question: In which months was each company active, and how much?
-- grain: one row for each company and month in which it had a session
-- unit: sessions
-- UTC is an interval here, as the name of a zone is looked up for every row; and a month becomes a
-- date when its sessions are counted. Each of the two takes a tenth of the time.
select
    company_id,
    month::date as period,
    count(*)::integer as sessions,
    min(session_id) as first_session_id,
    max(session_id) as last_session_id
from (
    select
        company_id,
        session_id,
        date_trunc('month', created_at at time zone interval '0') as month
    from session
) as dated
group by company_id, month
