-- question: What tables does the job sales keep, and what does each column serve?
-- grain: products: a product; stores: a store; sales: a sale of one product in one store;
--        store_day: a store and a day; analysis_results: a figure that a KPI gave after a run
create table products (
    id varchar(64) collate "C" not null,
    name varchar(200) not null,
    price numeric(14, 2) not null,
    category varchar(100) not null
);
comment on table products is 'What is sold (2.4)';
comment on column products.id is 'The retailer''s own; sales refer to it';
comment on column products.name is 'Revenue is told by it (2.12); two products may share one';
comment on column products.price is
'Euros for one piece, not negative; a check compares amounts with it';
comment on column products.category is 'The best one of the last days is a key finding (2.15)';

create table stores (
    id varchar(64) collate "C" not null,
    city varchar(100) not null,
    region varchar(100) not null,
    address varchar(300) not null
);
comment on table stores is 'Where it is sold (2.4)';
comment on column stores.id is 'The retailer''s own; sales refer to it';
comment on column stores.city is 'Names the store in the key findings (2.15)';
comment on column stores.region is 'Revenue is told by it (2.13, 2.17), as it stands here';
comment on column stores.address is 'Tells two stores of a city apart';

create table sales (
    id varchar(64) collate "C" not null,
    product_id varchar(64) collate "C" not null,
    store_id varchar(64) collate "C" not null,
    sale_date date not null,
    quantity integer not null,
    amount numeric(14, 2) not null
);
comment on table sales is 'What was sold, where and when (2.4)';
comment on column sales.id is 'The retailer''s own; a known one is not added again (2.8)';
comment on column sales.product_id is 'What was sold';
comment on column sales.store_id is 'Where';
comment on column sales.sale_date is 'When; revenue is told by day and by month of it';
comment on column sales.quantity is 'Pieces, at least one';
comment on column sales.amount is
'Revenue in euros; where it is not price times quantity, a check warns';

create table store_day (
    store_id varchar(64) collate "C" not null,
    sale_date date not null,
    sales bigint not null,
    quantity bigint not null,
    revenue numeric(24, 2) not null
);
comment on table store_day is 'What each store sold on each day, made from the sales';
comment on column store_day.store_id is 'The store, by which its region is told';
comment on column store_day.sale_date is 'The day; months are told by it too';
comment on column store_day.sales is 'How many sales';
comment on column store_day.quantity is 'Pieces';
comment on column store_day.revenue is 'Euros';

-- It looks at the ledger alone, so that it outlasts every table that takes the place of another.
create view analysis_results as
select
    figure.run_id as run,
    figure.kpi as analysis,
    figure.key,
    figure.measure,
    figure.value,
    run.published_at as created_at
from abcjob.figure
inner join abcjob.run on figure.run_id = run.run_id
where run.job = 'sales';
comment on view analysis_results is 'Every figure of every run, none taken back (2.5)';
comment on column analysis_results.run is 'The run';
comment on column analysis_results.analysis is 'The KPI';
comment on column analysis_results.key is
'What the figure is of, such as a region; parts of a key have '' / '' between them';
comment on column analysis_results.measure is 'The KPI''s column';
comment on column analysis_results.value is 'The figure; null: the KPI has none';
comment on column analysis_results.created_at is
'When the rows were published that it was computed from';
