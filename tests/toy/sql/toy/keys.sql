-- question: The toy shop's keys.
alter table product add primary key (product_id);
alter table sale add primary key (sale_id);
alter table sale add foreign key (product_id) references product;
alter table product_total add primary key (product_id);
