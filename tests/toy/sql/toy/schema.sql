-- question: A shop that only tests know: what is sold, and each sale.
create table product (
    product_id integer not null,
    name text not null,
    price numeric(10, 2) not null
);
create table sale (
    sale_id bigint not null,
    product_id integer not null,
    sold_at timestamptz not null,
    quantity integer not null
);
create table product_total (
    product_id integer not null,
    quantity bigint not null
);
