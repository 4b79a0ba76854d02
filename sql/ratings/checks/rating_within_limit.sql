-- rule: A rating is not above its limit.
-- requirement: issue of the job: a warning, loaded and counted
-- severity: warning
select customer, customer_number from customer_rating
where customer_rating > customer_rating_limit
