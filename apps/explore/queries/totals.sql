select
    count(*) as customers,
    coalesce(sum(monetary), 0) as revenue,
    (select count(*) from standing(cast($moment as timestamp))) as customers_of_all,
    (select coalesce(sum(monetary), 0) from standing(cast($moment as timestamp))) as revenue_of_all
from chosen
