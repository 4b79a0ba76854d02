-- question: What identifies a row of each table, and what does it refer to? Added when the rows
--           are there: checked in bulk, a key costs a fraction of what it costs row by row.
--           Where a table is made of the rows meanwhile, their primary key comes last, of an
--           index made before: it alone shuts readers out.

-- name: plan
alter table plan add primary key (company_size);

-- name: month
alter table month add primary key (period);

-- name: company
alter table company add primary key (company_id);
alter table company add foreign key (company_size) references plan;

-- name: session
create unique index session_pkey on session (session_id);
alter table session add foreign key (company_id) references company;
alter table session add primary key using index session_pkey;

-- name: company_month
create unique index company_month_pkey on company_month (company_id, period);
alter table company_month add foreign key (company_id) references company;
alter table company_month add foreign key (period) references month;
alter table company_month add primary key using index company_month_pkey;

-- name: size_month
alter table size_month add primary key (period, company_size);
alter table size_month add foreign key (period) references month;
alter table size_month add foreign key (company_size) references plan;
