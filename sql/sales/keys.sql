-- question: What identifies a row of each table, and what does it refer to? A block for each
--           table, added when its rows are there.

-- name: products
alter table products add primary key (id);

-- name: stores
alter table stores add primary key (id);

-- name: sales
alter table sales add primary key (id);
alter table sales add foreign key (product_id) references products;
alter table sales add foreign key (store_id) references stores;

-- name: store_day
alter table store_day add primary key (store_id, sale_date);
