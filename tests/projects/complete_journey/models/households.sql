-- Every household that bought, so that those of whom nothing is known are there, with nulls.
with

households as (

    select distinct household_id
    from read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/transactions.parquet')

)

select
    households.household_id,
    demographics.* exclude (household_id)
from households
left join read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/demographics.parquet') as demographics
    on households.household_id = demographics.household_id
