-- question: What may not stand twice?

-- name: customer_rating
alter table customer_rating add primary key (customer_number, customer);
