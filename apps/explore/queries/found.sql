select count(*) as customers
from chosen
where contains(lower(customer_id), lower($search))
