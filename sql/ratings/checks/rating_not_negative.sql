-- rule: A rating is not negative.
-- requirement: issue of the job: a warning, loaded and counted
-- severity: warning
select customer, customer_number from customer_rating
where customer_rating < 0
