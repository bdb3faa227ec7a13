-- One page of the list. {order} is one of the columns of chosen, quoted, and a direction.
select *
from chosen
where contains(lower(customer_id), lower($search))
order by {order} nulls last, customer_id
limit $rows
offset $skipped
