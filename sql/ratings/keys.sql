-- question: What may not stand twice?
alter table customer_rating add primary key (customer_number, customer);
