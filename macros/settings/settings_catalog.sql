{#
    Every setting: name (without the prefix segmentation_), type, default, allowed values or range,
    meaning. One machine-readable list: check_settings() validates against it, the README's table
    is generated from it, and a test keeps it equal to the defaults in dbt_project.yml.

    Types: relation, expression (a column or SQL), integer, number, boolean, choice, timestamp,
    list, numbers (a list of numbers), mapping. `nullable: true` allows null.
#}
{% macro settings_catalog() %}
{% set catalog %}
- question: Where are my transactions?
  settings:
    - {name: transactions, type: relation, default: "{{ '{{' }} ref('sample_transactions') {{ '}}' }}", meaning: "The table of transaction lines: a ref, a source, or a table function such as `read_parquet('…')`."}
    - {name: customer_id, type: expression, default: customer_id, meaning: Who bought. Kept as text; leading zeros stay.}
    - {name: order_id, type: expression, default: order_id, meaning: The order (invoice or basket) that the line belongs to.}
    - {name: ordered_at, type: expression, default: ordered_at, meaning: "When it was bought: date, timestamp, or ISO text. An offset is converted to UTC."}
    - {name: product_id, type: expression, nullable: true, default: product_id, meaning: What was bought; null if the data has no product.}
    - {name: quantity, type: expression, nullable: true, default: quantity, meaning: Units; negative for returns; null if the data has no quantity.}
    - {name: unit_price, type: expression, nullable: true, default: unit_price, meaning: Price of one unit; null if the data has no price.}
    - {name: amount, type: expression, default: quantity * unit_price, meaning: Value of the line in your currency. Set it when price and quantity do not give it.}
    - {name: line_id, type: expression, nullable: true, default: null, meaning: "Unique key of a line; when set, a repeated key is rejected as `duplicate_line`."}
    - {name: category, type: expression, nullable: true, default: null, meaning: "Product category, for breadth and favourite category."}
    - {name: channel, type: expression, nullable: true, default: null, meaning: "Sales channel, for the favourite channel."}
    - {name: country, type: expression, nullable: true, default: null, meaning: "Country of the order, for the customer's country."}
- question: What counts as a sale?
  settings:
    - {name: is_return, type: expression, default: quantity < 0, meaning: Marks returned or cancelled lines.}
    - {name: returns, type: choice, values: [net, ignore], default: net, meaning: "`net`: returns reduce spend and feed the return rate. `ignore`: they are set aside (reason `return`)."}
    - {name: exclude_when, type: expression, default: "false", meaning: "Lines that are not sales (postage, fees, tests); reason `excluded`."}
    - {name: drop_exact_duplicates, type: boolean, default: false, meaning: "Reject a line equal to another in every column of the input; reason `exact_duplicate`."}
- question: Which period is observed?
  settings:
    - {name: as_of, type: timestamp, nullable: true, default: null, meaning: End of observation. Null means midnight after the last valid order.}
    - {name: lookback_days, type: integer, min: 1, nullable: true, default: null, meaning: Use only orders in the last N days before the end of observation.}
    - {name: earliest_order_date, type: timestamp, default: "1990-01-01", meaning: An earlier date is taken for an error; reason `date_too_early`.}
- question: Who are my customers?
  settings:
    - {name: customers, type: relation, nullable: true, default: null, meaning: The table of customers (one row each) that holds consent and attributes.}
    - {name: customers_key, type: expression, default: customer_id, meaning: The customer id in that table.}
    - {name: attributes, type: list, default: [], meaning: Columns of that table to carry into `customer_features`.}
    - {name: consent_when, type: expression, default: "true", meaning: Expression on that table. When set only customers for whom it is true leave staging; reason `no_consent` for the others.}
- question: When is the input good enough?
  settings:
    - {name: rejected_warn_share, type: number, min: 0, max: 1, default: 0.1, meaning: Warn when more than this share of the lines is rejected as unusable.}
    - {name: rejected_fail_share, type: number, min: 0, max: 1, default: 0.5, meaning: Stop the build above this share.}
    - {name: reason_fail_shares, type: mapping, default: {}, meaning: "Stop the build above a share of one reject reason, such as `{missing_price: 0.01}`."}
    - {name: min_customers, type: integer, min: 2, nullable: true, default: null, meaning: "Stop the build below this number of customers. Null means `segmentation_k` or `segmentation_k_min` plus one."}
    - {name: min_history_days, type: integer, min: 0, default: 90, meaning: Warn when the observed period is shorter.}
    - {name: max_staleness_days, type: integer, min: 0, nullable: true, default: null, meaning: Stop the build when the last valid order is older than this many days at build time.}
- question: Which features?
  settings:
    - {name: features, type: list, default: [recency_days, frequency, monetary, average_order_value, tenure_days, return_rate], meaning: Numeric columns of `customer_features` that the model uses.}
    - {name: transform, type: choice, values: [log, none], default: log, meaning: "`log` is sign(x)·ln(1+abs(x)), so that net spend may be negative."}
    - {name: transform_overrides, type: mapping, default: {}, meaning: "The features that differ, such as `{recency_days: none}`."}
    - {name: scaling, type: choice, values: [standard, none], default: standard, meaning: "`standard`: minus the mean, divided by the population standard deviation."}
    - {name: outliers, type: choice, values: [winsorize, none], default: winsorize, meaning: "`winsorize`: values beyond the quantiles below are pulled in to them."}
    - {name: winsorize_quantiles, type: numbers, min: 0, max: 1, length: 2, default: [0.01, 0.99], meaning: Lower and upper quantile.}
    - {name: imputation, type: choice, values: [median, none], default: median, meaning: "`median` of the training customers; `none`: a missing value stops the fit."}
- question: How many segments?
  settings:
    - {name: algorithm, type: choice, values: [kmeans], default: kmeans, meaning: Clustering algorithm.}
    - {name: k, type: integer, min: 2, max: 100, nullable: true, default: null, meaning: Number of segments. Null means choose.}
    - {name: k_min, type: integer, min: 2, max: 100, default: 3, meaning: Smallest number considered.}
    - {name: k_max, type: integer, min: 2, max: 100, default: 8, meaning: Largest number considered.}
    - {name: k_method, type: choice, values: [silhouette, elbow, calinski_harabasz, davies_bouldin], default: silhouette, meaning: What decides among them.}
    - {name: min_segment_share, type: number, min: 0, max: 0.5, default: 0.02, meaning: A k whose smallest segment holds a smaller share of the customers is not eligible.}
    - {name: n_init, type: integer, min: 1, max: 1000, default: 10, meaning: Starts of k-means; the best is kept.}
    - {name: sample_size, type: integer, min: 100, max: 10000000, default: 100000, meaning: Customers used for the fit at most. All customers are scored.}
    - {name: seed, type: integer, min: 0, max: 4294967295, default: 0, meaning: Seed of the sample and the fit.}
{% endset %}
{{ return(fromyaml(catalog)) }}
{% endmacro %}
