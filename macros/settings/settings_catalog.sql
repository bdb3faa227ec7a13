{#
    Every setting: name (without the prefix segmentation_), type, default, allowed values or range,
    meaning. One machine-readable list: check_settings() validates against it, the README's table
    is generated from it, and a test keeps it equal to the defaults in dbt_project.yml.

    Types: relation, expression (a column or SQL), integer, number, boolean, choice, choices (one or a
    list), timestamp, list, numbers (a list of numbers), mapping. `nullable: true` allows null; `fit: true` marks
    what the fit depends on: when it changes, the model is fitted again; `of: customers` (or another table's
    setting) says where an expression is read, if not in the transactions.
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
    - {name: cost, type: expression, nullable: true, default: null, meaning: "Cost of the line in your currency, not of one unit; when set, margins are reported beside revenue."}
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
- question: What is read again each time?
  settings:
    - {name: incremental, type: boolean, default: false, meaning: "Keep the judged lines and read only the newest days again; see docs/incremental.md."}
    - {name: incremental_lookback_days, type: integer, min: 0, default: 3, meaning: "Days before the last loaded one that are read again too: for lines that come late, are corrected or are deleted."}
- question: Who are my customers?
  settings:
    - {name: customers, type: relation, nullable: true, default: null, meaning: The table of customers (one row each) that holds consent and attributes.}
    - {name: customers_key, type: expression, of: customers, default: customer_id, meaning: The customer id in that table.}
    - {name: attributes, type: list, default: [], meaning: Columns of that table to carry into `customer_features`.}
    - {name: profile_attributes, type: list, default: [], meaning: "Columns of that table that describe the segments in `segment_attribute_profiles` but have no part in making them."}
    - {name: consent_when, type: expression, of: customers, default: "true", meaning: Expression on that table. When set only customers for whom it is true leave staging; reason `no_consent` for the others.}
- question: What else is known about them?
  settings:
    - {name: events, type: relation, nullable: true, default: null, meaning: "A table of visits or other engagement, one row per event."}
    - {name: event_customer_id, type: expression, of: events, default: customer_id, meaning: Who visited.}
    - {name: event_at, type: expression, of: events, default: event_at, meaning: When.}
    - {name: event_type, type: expression, of: events, nullable: true, default: event_type, meaning: "What kind of event; null if there is only one kind."}
    - {name: event_conversion_days, type: integer, min: 0, default: 1, meaning: A visit day converts when an order follows within this many days; 0 means on the same day.}
    - {name: campaigns, type: relation, nullable: true, default: null, meaning: "A table of campaign contacts, one row per campaign and customer contacted."}
    - {name: campaign_customer_id, type: expression, of: campaigns, default: customer_id, meaning: Who was contacted.}
    - {name: campaign_id, type: expression, of: campaigns, default: campaign_id, meaning: By which campaign.}
    - {name: campaign_contacted_at, type: expression, of: campaigns, nullable: true, default: contacted_at, meaning: "When; null if it is not known, and the contacts count in the whole observation only."}
    - {name: campaign_responded_when, type: expression, of: campaigns, default: responded_at is not null, meaning: True when the customer responded.}
- question: How are persons protected?
  settings:
    - {name: pseudonymize, type: boolean, default: false, meaning: "Tables carry a keyed hash of the ids of customers, orders and lines instead of the ids; the key is the environment variable `SEGMENTATION_SECRET`. See docs/privacy.md."}
    - {name: forget, type: relation, nullable: true, default: null, meaning: "A table of customers to forget: they are left out of every build (reason `forgotten`), and `dbt run-operation forget_customers` removes them from what was built."}
    - {name: forget_key, type: expression, of: forget, default: customer_id, meaning: The customer id in that table.}
    - {name: history_days, type: integer, min: 1, nullable: true, default: null, meaning: "Days that `segments_snapshot` remembers a stay after its end, counted from the run. Null means for ever."}
    - {name: min_cell, type: integer, min: 0, nullable: true, default: null, meaning: "Published files show no group of fewer customers than this, nor any table about single customers. Null or 0 shows all."}
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
    - {name: features, type: list, fit: true, default: [recency_days, frequency, monetary, average_order_value, tenure_days, return_rate], meaning: "Columns of `customer_features` that the model uses, numbers or categories."}
    - {name: transform, type: choice, fit: true, values: [log, yeo_johnson, none], default: log, meaning: "`log` is sign(x)·ln(1+abs(x)), so that net spend may be negative; `yeo_johnson` finds the power that makes a feature most normal."}
    - {name: transform_overrides, type: mapping, fit: true, default: {}, meaning: "The features that differ, such as `{recency_days: none}`."}
    - {name: scaling, type: choice, fit: true, values: [standard, minmax, robust, none], default: standard, meaning: "`standard`: minus the mean, divided by the population standard deviation. `minmax`: to 0–1. `robust`: minus the median, divided by the interquartile range."}
    - {name: outliers, type: choice, fit: true, values: [winsorize, iqr, isolation_forest, none], default: winsorize, meaning: "`winsorize`: values beyond the quantiles below are pulled in to them. `iqr`: to Tukey's fences. `isolation_forest`: the oddest customers take no part in the fit, but are scored."}
    - {name: winsorize_quantiles, type: numbers, fit: true, min: 0, max: 1, length: 2, default: [0.01, 0.99], meaning: Lower and upper quantile.}
    - {name: outlier_share, type: number, fit: true, min: 0.001, max: 0.5, default: 0.02, meaning: Share of the training customers that `isolation_forest` leaves out.}
    - {name: imputation, type: choice, fit: true, values: [median, mean, regression, none], default: median, meaning: "`median` or `mean` of the training customers; `regression` on the other features; `none`: a missing value stops the fit."}
    - {name: max_correlation, type: number, fit: true, min: 0, max: 1, nullable: true, default: null, meaning: "Of two features that correlate more than this, one is dropped; see `feature_correlations`."}
    - {name: pca_variance, type: number, fit: true, min: 0.01, max: 1, nullable: true, default: null, meaning: "Replace the features by the fewest principal components that hold this share of their variance; see `principal_components`."}
    - {name: min_level_share, type: number, fit: true, min: 0, max: 0.5, default: 0.05, meaning: "Levels of a category that fewer customers have are merged into `(other)`."}
    - {name: categorical_weight, type: number, fit: true, min: 0.01, max: 100, default: 1.0, meaning: "How much a category counts, all its levels together; 1 is as much as a number."}
- question: How many segments?
  settings:
    - {name: algorithm, type: choices, fit: true, values: [kmeans, minibatch_kmeans, bisecting_kmeans, gmm, agglomerative, hdbscan, dbscan, autoencoder, ensemble], default: kmeans, meaning: "Clustering algorithm, or a list of several to compare."}
    - {name: k, type: integer, fit: true, min: 2, max: 100, nullable: true, default: null, meaning: Number of segments. Null means choose.}
    - {name: k_min, type: integer, fit: true, min: 2, max: 100, default: 3, meaning: Smallest number considered.}
    - {name: k_max, type: integer, fit: true, min: 2, max: 100, default: 8, meaning: Largest number considered.}
    - {name: k_method, type: choice, fit: true, values: [silhouette, elbow, calinski_harabasz, davies_bouldin, gap, bic, stability], default: silhouette, meaning: "What decides among them; `bic` is for `gmm`."}
    - {name: gap_references, type: integer, fit: true, min: 2, max: 1000, default: 20, meaning: Structureless data sets that `gap` compares with.}
    - {name: min_segment_share, type: number, fit: true, min: 0, max: 0.5, default: 0.02, meaning: A k whose smallest segment holds a smaller share of the customers is not eligible.}
    - {name: max_segments, type: integer, fit: true, min: 2, max: 100, nullable: true, default: null, meaning: "Budget: a k above it is shown, but not eligible."}
    - {name: n_init, type: integer, fit: true, min: 1, max: 1000, default: 10, meaning: Starts of k-means; the best is kept.}
    - {name: warm_start, type: boolean, fit: true, default: false, meaning: Let k-means begin where the last model ended if k is the same.}
    - {name: noise, type: choice, fit: true, values: [unassigned, nearest], default: nearest, meaning: "Customers whom `hdbscan` or `dbscan` calls noise: segment 0, or the nearest segment. `unassigned` is harder to reproduce by prototypes."}
    - {name: min_samples, type: integer, fit: true, min: 1, max: 1000, default: 5, meaning: Neighbours that make a place dense for `hdbscan` and `dbscan`.}
    - {name: dbscan_eps, type: number, fit: true, min: 0.000001, nullable: true, default: null, meaning: "Radius of a neighbourhood in scaled units; null means the knee of the distances to the neighbours."}
    - {name: subsample_size, type: integer, fit: true, min: 100, max: 50000, default: 5000, meaning: "Customers that the algorithms with quadratic cost are fitted on, at most."}
    - {name: min_fidelity, type: number, fit: true, min: 0, max: 1, default: 0.95, meaning: Stop the build when the scored segments agree with the algorithm's own on a smaller share of customers held out.}
    - {name: sample_size, type: integer, fit: true, min: 100, max: 10000000, default: 100000, meaning: Customers used for the fit at most. All customers are scored.}
    - {name: seed, type: integer, fit: true, min: 0, max: 4294967295, default: 0, meaning: Seed of the sample and the fit.}
- question: What are segments called, and what is to be done?
  settings:
    - {name: name_effect, type: number, min: 0, default: 0.5, meaning: "A feature takes part in a name when the segment's mean differs from that of all by at least this many standard deviations."}
    - {name: name_overrides, type: relation, default: "{{ '{{' }} ref('segment_name_overrides') {{ '}}' }}", meaning: "Names of your own: a table with segment_id, segment_name and comment."}
    - {name: actions, type: relation, default: "{{ '{{' }} ref('segment_actions') {{ '}}' }}", meaning: "What to do, one row per RFM name: a table with the columns of the seed `segment_actions`."}
    - {name: overrides, type: relation, nullable: true, default: null, meaning: "Customers put into a segment by hand: a table with customer_id, segment_id, reason and expires_on."}
- question: How are they explained?
  settings:
    - {name: max_rules, type: integer, min: 2, max: 100, default: 12, meaning: "Rules in `segment_rules` at most: leaves of the surrogate tree."}
    - {name: min_rule_fidelity, type: number, min: 0, max: 1, default: 0.9, meaning: "`segment_rules` says why when its rules find the segment of a smaller share of the customers."}
    - {name: exemplars, type: integer, min: 1, max: 100, default: 5, meaning: "Typical customers per segment in `segment_exemplars`, and as many borderline ones."}
- question: What are customers worth?
  settings:
    - {name: objective, type: choice, values: [behaviour, value], default: behaviour, meaning: "`behaviour`: segments by `segmentation_features`. `value`: by what customers have brought and are expected to bring."}
    - {name: value_features, type: list, default: [monetary, probability_alive, expected_orders_365_days, expected_order_value], meaning: "Columns of `customer_features` that the model uses instead of `segmentation_features` when the objective is value."}
    - {name: lifetime_model, type: choice, values: [mbg_nbd, bg_nbd], default: mbg_nbd, meaning: "Which model of repeat buying the expected value rests on; under `bg_nbd` nobody who bought once can have left."}
    - {name: discount_rate, type: number, min: 0, max: 1, default: 0.1, meaning: Yearly rate at which future value is discounted.}
    - {name: holdout_share, type: number, min: 0.05, max: 0.5, default: 0.25, meaning: "Share of the observed period, its end, that `lifetime_backtest` forecasts from the rest."}
- question: How do they develop?
  settings:
    - {name: migration_builds, type: integer, min: 1, default: 12, meaning: "Earlier builds that `segment_migrations` compares each new one with."}
    - {name: kpi_period, type: choice, values: [week, month, quarter], default: month, meaning: "Calendar period of `segment_kpis` and `segment_cohorts`."}
    - {name: churn_days, type: integer, min: 1, default: 180, meaning: A customer without an order for this many days has churned.}
- question: When is the model fitted again?
  settings:
    - {name: refit, type: choice, values: [auto, always, never], default: auto, meaning: "`auto`: when there is no model, a setting of the fit changed, a feature drifted past `segmentation_drift_fail`, or the model is too old. `always`: at each run whose customers or settings differ. `never`: only score."}
    - {name: max_model_age_days, type: integer, min: 1, nullable: true, default: null, meaning: "Days from the end of observation of the model to that of the run, after which `auto` fits again. Null means no limit."}
    - {name: model_version, type: integer, min: 1, nullable: true, default: null, meaning: Score with this version of `segment_model`; nothing is fitted. Null means the newest.}
- question: When to be warned?
  settings:
    - {name: drift_warn, type: number, min: 0, default: 0.1, meaning: Warn at this population stability index of a feature or of the segment sizes.}
    - {name: drift_fail, type: number, min: 0, default: 0.25, meaning: Fail at this one.}
    - {name: stability_runs, type: integer, fit: true, min: 0, max: 1000, default: 20, meaning: Bootstrap samples for `segment_stability`; 0 leaves it out.}
    - {name: min_stability, type: number, min: 0, max: 1, default: 0.6, meaning: Warn when the bootstrapped Jaccard index of a segment is lower.}
- question: Where is it published for others to read?
  settings:
    - {name: publish_path, type: text, nullable: true, default: null, meaning: "Folder for the files that BI tools read, relative to where dbt runs; see docs/publishing.md. Null publishes nothing."}
    - {name: publish_formats, type: choices, values: [duckdb, parquet], default: duckdb, meaning: "One DuckDB file, or a folder with a Parquet file per table, or both."}
    - {name: publish_tables, type: list, default: [], meaning: "Names of the tables to publish; none means all of them."}
    - {name: publish_versions, type: integer, min: 1, max: 1000, default: 5, meaning: "Versions that are kept, the newest included."}
    - {name: publish_storage_version, type: choice, values: [v1.0.0, v1.1.0, v1.2.0, v1.3.0, v1.4.0, v1.5.0, v2.0.0], default: v1.4.0, meaning: Oldest DuckDB that shall be able to open the file.}
- question: What can be asked of MetricFlow?
  settings:
    - {name: semantic_layer, type: boolean, default: true, meaning: "Semantic models and metrics for `mf query`; see docs/semantic_layer.md."}
    - {name: time_spine, type: boolean, default: true, meaning: "The calendar `segmentation_time_spine` that they need; false in a project that has a time spine of its own."}
{% endset %}
{{ return(fromyaml(catalog)) }}
{% endmacro %}
