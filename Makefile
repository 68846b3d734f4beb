# What a person types; CONTRIBUTING.md says more. Works with the make of macOS too.

BIN := .venv/bin
STAMPS := .venv/stamps
LOCKS := requirements.lock
DEV_LOCKS := $(LOCKS) requirements-dev.lock
MORE_LOCKS := $(DEV_LOCKS) requirements-browser.lock requirements-parquet.lock
digest = $(shell cat $(1) | cksum | tr ' ' '-')
RUNTIME := $(STAMPS)/runtime-$(call digest,$(LOCKS))
DEV := $(STAMPS)/dev-$(call digest,$(DEV_LOCKS))
MORE := $(STAMPS)/more-$(call digest,$(MORE_LOCKS))

PIP := $(BIN)/python -m pip --disable-pip-version-check
# The locks are complete. A resolver beside them would only find what was released since, and stop.
INSTALL := $(PIP) install --quiet --no-deps --require-hashes
MANAGE := TLS=true $(BIN)/python manage.py
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup
N ?= 200000
PEERS_N ?= 20000
ROWS ?=
POETRY ?= poetry
SOAK_SECONDS ?= 180
EXPORT := $(POETRY) export --without-urls

# Where compiled modules are not kept, each of the processes that tests start compiles all of them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up env test test-more test-all test-database soak check format schema bench bench-peers audit \
  lock clean

help: ## Say what there is to type
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

up: $(RUNTIME) ## Run everything: database, sample data, cockpit on :8000, entities on :8001
	@$(BIN)/python -m core.local up

env: $(DEV) ## Make or renew the environment in .venv

test: $(DEV) ## Run the tests, but browsers, soak, slow ones and long searches
	$(PYTEST)

test-more: $(MORE) ## Run what make test leaves out
	$(PYTEST) -m "browser or soak or slow or hypothesis" --hypothesis-profile=long

test-all: test test-more ## Run every test there is

test-database: $(DEV) ## Run the tests that need PostgreSQL, on TEST_DATABASE_OWNER_URL if set
	$(PYTEST) -m "database and not browser and not soak and not slow"

soak: $(DEV) ## Read and write for minutes, and see what wears out (SOAK_SECONDS)
	SOAK_SECONDS=$(SOAK_SECONDS) $(BIN)/python -m pytest -n 0 -s -m soak entities/tests/test_soak.py

check: $(DEV) ## Check style, types, layers, packages, migrations and deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PIP) check
	$(MANAGE) makemigrations --check
	$(MANAGE) check --deploy --fail-level WARNING --settings cockpit.config.settings
	$(MANAGE) check --deploy --fail-level WARNING --settings entities.config.settings

schema: $(DEV) ## Renew the descriptions of the APIs that the tests hold the services to
	$(MANAGE) spectacular --settings cockpit.config.settings --validate --fail-on-warn --file cockpit/tests/openapi.yaml
	$(MANAGE) spectacular --settings entities.config.settings --validate --fail-on-warn --file entities/v1/tests/openapi.yaml

format: $(DEV) ## Let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV) ## Measure speed and memory against hand-written SQL (N entities, rows named in ROWS)
	$(BIN)/python -m benchmarks --n $(N) $(ROWS)

bench-peers: $(DEV) ## Measure two other history libraries at the same work (PEERS_N entities)
	$(BIN)/python -m venv .venv/peers
	.venv/peers/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes --requirement benchmarks/peers/requirements.lock
	$(BIN)/python -m benchmarks.peers --python .venv/peers/bin/python --n $(PEERS_N)

audit: $(BIN)/python ## Look for known holes in what is locked (needs the network, not in the gate)
	$(BIN)/python -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet pip-audit
	.venv/audit/bin/pip-audit --strict --require-hashes --disable-pip $(MORE_LOCKS:%=--requirement %)

lock: ## Resolve again and write all locks (needs Poetry with its export plugin)
	$(POETRY) lock
	@# No address stands in a lock, not even in what a package says of itself.
	sed -i.bak -E '/^description = /s/ *\(?https?:[^ )"]*\)?//' poetry.lock && rm poetry.lock.bak
	$(EXPORT) --only main --output requirements.lock
	$(EXPORT) --only dev --output requirements-dev.lock
	$(EXPORT) --only browser --output requirements-browser.lock
	$(EXPORT) --only parquet --output requirements-parquet.lock

clean: ## Remove the environment and every cache; the data in .local stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv .venv && exit; \
	    rm -rf .venv; \
	    echo "On Debian and Ubuntu the package python3-venv is needed too." >&2; exit 1; \
	  fi; \
	done; echo "Python 3.11 or newer is needed, and there is none on the PATH." >&2; exit 1

$(RUNTIME): $(BIN)/python
	@echo "Installing what the services need ..."
	@$(INSTALL) $(LOCKS:%=--requirement %)
	@mkdir -p $(STAMPS) && touch $@

$(DEV): $(RUNTIME)
	@echo "Installing what the tests need ..."
	@$(INSTALL) $(DEV_LOCKS:%=--requirement %)
	@mkdir -p $(STAMPS) && touch $@

$(MORE): $(DEV)
	@echo "Installing what the other tests need ..."
	@$(INSTALL) $(MORE_LOCKS:%=--requirement %)
	@mkdir -p $(STAMPS) && touch $@
