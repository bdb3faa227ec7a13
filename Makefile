# Needs Python 3.11 or later with pip, and make. Everything else is installed into this folder.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/uv-$(UV_VERSION)/bin/uv
BIN := .venv/bin

# The database that `make build` fills; profiles.yml reads the same variable.
SEGMENTATION_DATABASE ?= customer_segmentation.duckdb
export SEGMENTATION_DATABASE

# The folder that `make build-spark` fills.
SEGMENTATION_SPARK_WAREHOUSE ?= spark-warehouse
export SEGMENTATION_SPARK_WAREHOUSE

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DBT_PROJECT_DIR := $(CURDIR)
export DBT_PROFILES_DIR := $(CURDIR)

# Behind a proxy with a certificate of its own, pip trusts the system; uv does so when told.
export UV_SYSTEM_CERTS := 1
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
# Compile once at installation: where Python may not write bytecode, every start of dbt pays for it.
export UV_COMPILE_BYTECODE := 1
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

PYTHON_FOLDERS := apps benchmarks docs lint models python seeds tests
SQL_FOLDERS := models tests


.PHONY: help build build-spark test lint lint-python lint-sql lint-project lint-workflows demo pytest audit determinism bad-inputs faults superset \
	publishing-proof test-spark format docs clean app report dictionary \
	bench bench-small

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-25s%s\n", $$1, $$2 }'


# ---------- environment: built once from uv.lock, reused until the lock changes

$(UV):
	@echo "Installing uv $(UV_VERSION) into .tools ..."
	@PIP_USER=0 $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
		--no-compile --only-binary :all: --upgrade --target .tools/uv-$(UV_VERSION) uv==$(UV_VERSION)

# What a build needs: the library, dbt and DuckDB. Tools for development stay where they are.
.venv/.build-stamp: pyproject.toml uv.lock | $(UV)
	@echo "Installing dbt, DuckDB and the library into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --no-dev --extra dbt --inexact
	@touch $@

# What the app needs; with a folder published, it reads that without dbt.
.venv/.app-stamp: .venv/.build-stamp
	@echo "Installing the app into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --no-dev --extra dbt --extra app --inexact
	@touch $@

# What a build on Apache Spark needs, besides Java 17.
.venv/.spark-stamp: .venv/.build-stamp
	@echo "Installing Spark into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --no-dev --extra dbt --extra spark --inexact
	@touch $@

# What the report draws with.
.venv/.report-stamp: .venv/.build-stamp
	@echo "Installing Plotly and Great Tables into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --no-dev --extra dbt --extra report --inexact
	@touch $@

# What the checks need besides, and nothing else: Spark, which they do not need, goes.
.venv/.test-stamp: .venv/.build-stamp
	@echo "Installing the linters, pytest and the extras into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --all-extras --no-extra spark
	@rm -f .venv/.spark-stamp
	@touch $@


# ---------- build

# Unit tests and the tests of the seeds look at the package, not at what is built: `make test` runs them.
DBT_SELECTION ?= --exclude-resource-type unit_test --exclude tag:segmentation_shipped

build: .venv/.build-stamp ## Build the demo into the embedded database and print the segments
	@echo "Building the demo (details in logs/dbt.log) ..."
	@$(BIN)/python -m customer_segmentation.progress build $(DBT_SELECTION) --vars "$$(cat demo.yml)"
	@$(BIN)/python -m customer_segmentation.show "$(SEGMENTATION_DATABASE)"

# Its metastore keeps its log in the warehouse, which must be there; the address is what Spark would find out aloud.
build-spark: export SPARK_LOCAL_IP ?= 127.0.0.1
build-spark: .venv/.spark-stamp ## Build the demo with Apache Spark on this machine (needs Java 17) and print the segments
	@echo "Building the demo with Spark (some minutes; details in logs/dbt.log) ..."
	@mkdir -p "$(SEGMENTATION_SPARK_WAREHOUSE)"
	@$(BIN)/python -m customer_segmentation.progress build --target spark $(DBT_SELECTION) \
		--vars "$$(sed 's/^segmentation_publish_path:.*/segmentation_publish_path: null/' demo.yml)"
	@$(BIN)/python -m customer_segmentation.show "$(SEGMENTATION_SPARK_WAREHOUSE)/segmentation.db"

# It reads published/segmentation.duckdb, or the file that SEGMENTATION_PUBLISHED names.
app: .venv/.app-stamp ## Explore the published file in the browser, until Ctrl-C
	@$(BIN)/streamlit run apps/explore/app.py

# Where `make build` publishes to, and where the report on it goes.
PUBLISHED ?= published
REPORT ?= report.html

report: .venv/.report-stamp ## Write the report on what was published last, as one HTML file
	@$(BIN)/customer-segmentation report "$(PUBLISHED)" --output "$(REPORT)"

# Types and sizes come from the database, so the tables must be there.
dictionary: .venv/.build-stamp ## Write the data dictionary: every table, column and macro, in one HTML file
	@test -f "$(SEGMENTATION_DATABASE)" || $(MAKE) build
	@$(BIN)/dbt docs generate --static --log-level warn --vars "$$(cat demo.yml)"
	@echo "The data dictionary lies in $${DBT_TARGET_PATH:-target}/static_index.html"


# ---------- checks: everything that CI runs

test: lint demo pytest ## Run everything that CI runs

lint: lint-python lint-sql lint-project lint-workflows ## Run the linters

lint-python: .venv/.test-stamp ## Lint the Python files with ruff
	@$(BIN)/ruff check $(PYTHON_FOLDERS)
	@$(BIN)/ruff format --check $(PYTHON_FOLDERS)
	@echo "lint-python: passed"

# The templater is dbt itself, so that the compiled SQL is linted; it has a database of its own.
lint-sql: export SEGMENTATION_DATABASE = target/lint/lint.duckdb
lint-sql: export DBT_TARGET_PATH = target/lint
lint-sql: .venv/.test-stamp ## Lint the SQL files with sqlfluff
	@mkdir -p target/lint
	@$(BIN)/sqlfluff lint --disable-progress-bar $(SQL_FOLDERS)
	@echo "lint-sql: passed"

lint-project: export SEGMENTATION_DATABASE = target/lint/lint.duckdb
lint-project: .venv/.test-stamp ## Lint names, descriptions, contracts and access with dbt-score
	@mkdir -p target/lint
	@$(BIN)/dbt parse --quiet --target-path target/lint
	@$(BIN)/dbt-score lint --manifest target/lint/manifest.json --show failing-items
	@echo "lint-project: passed"

lint-workflows: .venv/.test-stamp ## Audit the workflows of CI: pinned actions, least rights
	@$(BIN)/zizmor --offline --quiet --persona auditor .github
	@echo "lint-workflows: passed"

demo: ## Build the demo, with all its tests, into a scratch database
	@rm -rf target/demo
	@mkdir -p target/demo
	@$(MAKE) build DBT_SELECTION= SEGMENTATION_DATABASE=target/demo/demo.duckdb DBT_TARGET_PATH=target/demo
	@echo "demo: passed"

# Most of the time goes to starting dbt, which keeps one core busy: a file of tests per core at once.
pytest: .venv/.test-stamp ## Run the Python tests
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder


# ---------- not part of `make test`: what needs the network, and what takes its time

# No package of the index brings the advisories along, so there is no audit without a network.
audit: | $(UV) ## Look the locked dependencies up among the published advisories (asks osv.dev)
	@$(UV) lock --quiet --check --python $(PYTHON)
	@$(UV) audit --frozen --preview-features audit-command

# Further Pythons to build with, as uv finds them: versions or paths.
PYTHONS ?= 3.11 3.12 3.13
# Options, such as DETERMINISM="--only demo/gmm".
DETERMINISM ?=

determinism: .venv/.test-stamp ## Build the same input in every way that must change nothing, and compare (an hour)
	@for python in $(PYTHONS); do \
		UV_PROJECT_ENVIRONMENT=.tools/determinism-$$(echo $$python | tr / _) UV_COMPILE_BYTECODE=0 \
			$(UV) sync --quiet --frozen --no-dev --extra dbt --python $$python || \
			echo "Left out: Python $$python."; \
	done
	@PYTHONPATH=tests/python $(BIN)/python tests/determinism/matrix.py --programs .tools/determinism-*/bin $(DETERMINISM)


# ---------- BI: not part of `make test`, for Superset is large and of another world of versions

# The published file to show; an environment of its own, installed once.
PUBLISHED ?= published/segmentation.duckdb
SUPERSET := .tools/superset

$(SUPERSET)/.stamp: docs/bi/superset-requirements.txt | $(UV)
	@echo "Installing Superset into $(SUPERSET) (once) ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(SUPERSET)
	@$(UV) pip install --quiet --python $(SUPERSET)/bin/python -r docs/bi/superset-requirements.txt
	@touch $@

superset: .venv/.test-stamp $(SUPERSET)/.stamp ## Show the published file in a Superset of its own, and check its charts
	@$(BIN)/python docs/bi/superset.py "$(PUBLISHED)" --server $(SUPERSET)/bin/superset \
		--picture docs/images/superset.png


bad-inputs: .venv/.test-stamp ## Try every bad input of the catalogue, and every bad setting by itself
	@SEGMENTATION_BAD_INPUTS=all $(BIN)/pytest tests/python/test_bad_inputs.py

# Options of the campaign: `make faults FAULTS="--minutes 30 --only SIGKILL"`.
FAULTS ?=

faults: .venv/.test-stamp ## Strike builds more than two hundred times (an hour or two), and account for each
	@PYTHONPATH=tests/python $(BIN)/python tests/faults/campaign.py $(FAULTS)

.venv/.spark-test-stamp: .venv/.test-stamp
	@echo "Installing Spark into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --all-extras
	@touch $@ .venv/.spark-stamp

test-spark: .venv/.spark-test-stamp ## Build demo and Online Retail with Spark too, lose a worker, and compare (half an hour)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest tests/python/test_dialect.py tests/python/test_spark.py

publishing-proof: .venv/.test-stamp ## Read the published file from a second process through twenty builds
	@SEGMENTATION_PUBLISHING_BUILDS=20 $(BIN)/pytest tests/python/test_publishing.py


# ---------- speed: not part of `make test`, for seconds are of the machine and of the day

.venv/.bench-stamp: .venv/.test-stamp
	@echo "Installing Spark and Matplotlib into .venv (once) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON) --all-extras --group bench
	@touch $@ .venv/.spark-stamp

# Steps to run (none means all), and options: `make bench BENCH="compare scans --rounds 1"`.
BENCH ?=
BENCH_LINES ?= 20000000

bench: .venv/.bench-stamp ## Measure the package beside its peers (an hour or two), and write docs/benchmarks.md
	@$(BIN)/python benchmarks/run.py --lines $(BENCH_LINES) $(BENCH)
	@$(BIN)/python benchmarks/write.py --lines $(BENCH_LINES)

bench-small: .venv/.test-stamp ## Measure the package beside the floor and Polars on 1 M lines (a few minutes)
	@$(BIN)/python benchmarks/run.py compare --lines 1000000 --rounds 1 --contenders floor polars package
	@$(BIN)/python benchmarks/write.py --lines 1000000 --print


# ---------- upkeep

format: .venv/.test-stamp ## Format the Python and SQL files
	@$(BIN)/ruff check --fix $(PYTHON_FOLDERS)
	@$(BIN)/ruff format $(PYTHON_FOLDERS)
	@mkdir -p target/lint
	@SEGMENTATION_DATABASE=target/lint/lint.duckdb $(BIN)/sqlfluff fix $(SQL_FOLDERS)

docs: .venv/.test-stamp ## Write the settings table into README.md
	@$(BIN)/python docs/settings_table.py

clean: ## Remove the environment and all scratch files; the database stays
	rm -rf .venv .tools target logs dbt_packages build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
