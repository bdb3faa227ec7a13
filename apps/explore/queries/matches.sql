-- Whether a customer has one of the chosen levels of every filtered attribute. $filters becomes a list of such pairs.
create temp macro matches(customer_levels, filters) as

coalesce(
    list_bool_and([
        coalesce(list_contains(filter.levels, customer_levels[filter.attribute]), false)
        for filter in cast(filters as struct(attribute varchar, levels varchar[])[])
    ]),
    true
)
