select
    lines.*,
    products.product_category,
    -- Fuel comes in thousandths of a gallon, up to 89,638 a line: one filling is one piece.
    case
        when products.product_type like 'GASOLINE%' and lines.quantity > 0 then 1
        else lines.quantity
    end as pieces
from read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/transactions.parquet') as lines
left join read_parquet('{{ env_var("SEGMENTATION_DATA") }}/complete_journey/products.parquet') as products
    on lines.product_id = products.product_id
