select
    InvoiceNo as invoice_key,
    CustomerID as buyer_key,
    InvoiceDate as invoiced_at,
    StockCode as article,
    Quantity as units,
    UnitPrice as price_gbp,
    Country as ship_to,
    InvoiceNo like 'C%' as is_cancellation,
    regexp_matches(StockCode, '^[A-Za-z]') as is_service
from read_parquet('{{ env_var("SEGMENTATION_DATA") }}/online_retail/online_retail.parquet')
