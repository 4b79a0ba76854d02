-- question: The toy shop's keys.

-- name: product
alter table product add primary key (product_id);

-- name: sale
alter table sale add primary key (sale_id);
alter table sale add foreign key (product_id) references product;

-- name: product_total
alter table product_total add primary key (product_id);
