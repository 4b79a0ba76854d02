-- question: What tables does the job abc keep, and what does each column serve?
-- grain: plan: a company size; month: a month covered; company; session; company_month: a company
--        in a month in which it was active; size_month: a company size in a month covered
create table plan (
    company_size text not null check (company_size in ('small', 'large')),
    monthly_price numeric(12, 2) not null check (monthly_price > 0)
);
comment on table plan is 'What a subscription costs: one price for each company size';
comment on column plan.company_size is 'small or large; every KPI is told by it';
comment on column plan.monthly_price is 'US dollars a month; revenue (story 0.5)';

create table month (
    period date not null check (period = date_trunc('month', period::timestamp)::date)
);
comment on table month is 'The months covered, also those in which nobody was active';
comment on column month.period is 'First day of the month; each KPI has a row for each (0.4)';

create table company (
    company_id integer not null check (company_id > 0),
    company_size text not null,
    acquired_on date not null
);
comment on table company is 'Every company ever acquired, active or not';
comment on column company.company_id is 'From 1 to the number of companies (1.8)';
comment on column company.company_size is 'Its plan (1.7, 1.9)';
comment on column company.acquired_on is
'First day of the month in which it was acquired: the first one covered (1.6)';

create table session (
    session_id bigint not null,
    company_id integer not null,
    created_at timestamptz not null
);
comment on table session is 'Every session of every company';
comment on column session.session_id is
'company_id * 1000000 + number of the month, from 1, * 100 + number in the month, from 1';
comment on column session.company_id is 'Whose session it is (0.6)';
comment on column session.created_at is 'When it began, UTC; its month is that of the KPIs (1.13)';

create table company_month (
    first_session_id bigint not null,
    last_session_id bigint not null,
    period date not null,
    company_id integer not null,
    sessions integer not null check (sessions > 0)
);
comment on table company_month is 'Months in which a company was active: it had a session';
comment on column company_month.period is 'First day of the month, UTC';
comment on column company_month.company_id is 'The active company; no row means it was not (1.14)';
comment on column company_month.sessions is 'Its sessions in the month (0.6)';
comment on column company_month.first_session_id is 'The least of their ids';
comment on column company_month.last_session_id is
'The greatest: between the two are all, which shows that each lies where its id says (1.13)';

create table size_month (
    period date not null,
    company_size text not null,
    active_companies bigint not null check (active_companies >= 0),
    sessions bigint not null check (sessions >= active_companies)
);
comment on table size_month is 'Active companies and their sessions, zeros included: all KPIs';
comment on column size_month.period is 'First day of the month, UTC';
comment on column size_month.company_size is 'small or large';
comment on column size_month.active_companies is 'With a session in the month (0.4, 0.5, 0.6)';
comment on column size_month.sessions is 'Of all of them (0.6)';
