-- A household responds to a campaign by redeeming a coupon of it.
with

redeemed as (

    select
        campaign_id,
        household_id,
        min(redemption_date) as redeemed_at
    from read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/coupon_redemptions.parquet')
    group by
        campaign_id,
        household_id

)

select
    campaigns.campaign_id,
    campaigns.household_id,
    descriptions.start_date,
    redeemed.redeemed_at
from read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/campaigns.parquet') as campaigns
left join read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/campaign_descriptions.parquet') as descriptions
    on campaigns.campaign_id = descriptions.campaign_id
left join redeemed
    on campaigns.campaign_id = redeemed.campaign_id
        and campaigns.household_id = redeemed.household_id
