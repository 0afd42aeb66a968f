# `make demo` shows the flow, `make test` proves it on real servers. Both set up what they need; a second run is quicker.

SHELL := bash
unexport PYTHONDONTWRITEBYTECODE # the tests start hundreds of processes, and each would compile everything anew

PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --python
WORKERS ?= 4

MODULES := $(sort $(wildcard *.py $(foreach room,core ports adapters cli testing,$(room)/*.py $(room)/*/*.py)))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo live monolith test checks suites oldest matrix setup servers lint types contracts docs chaos fresh soak bench bench-docs dist format pins clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: $(VENV)/.demo ## Show the flow on the in-memory adapters
	@$(BIN)/show-goal demo

monolith: servers ## A company's monolith with the flow in it, on real servers: one invitation from start to settlement
	@$(BIN)/python -m examples.monolith

test: lint $(OLDEST)/.dev ## Everything: lint, types, import contracts, the documentation's site, all tests on real servers
	@$(BIN)/python -m tests.servers install || test -z "$$CI" # without CI, the tests that lack a server are left out
	@$(BIN)/python -m tests.servers run -- $(MAKE) --no-print-directory -j2 checks suites

checks: types contracts docs oldest

setup: $(OLDEST)/.dev ## The virtual environments: one with everything for development, one with the oldest libraries

servers: $(VENV)/.dev ## Install the servers that the tests need
	@$(BIN)/python -m tests.servers install

live: $(VENV)/.dev ## A streamer and two viewers in your browser, on real servers, or in memory; RULE=--metered: pay for the time shown
	@$(BIN)/python -m tests.servers install || true
	@$(BIN)/python -m examples.live $(RULE)

lint: $(VENV)/.dev ## ruff
	@echo "== lint" && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

types: $(VENV)/.dev ## mypy --strict and pyright
	@echo "== types" && $(BIN)/mypy && $(BIN)/pyright

contracts: $(VENV)/.dev ## import-linter
	@echo "== import contracts" && $(BIN)/lint-imports | sed -n '/^Contracts:/,$$p;/BROKEN/p'; exit $${PIPESTATUS[0]}

docs: $(VENV)/.dev ## Build the documentation's site into .cache/site; a warning is an error
	@echo "== docs" && NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict 2>&1 | sed "/^INFO/d"; exit $${PIPESTATUS[0]} # --quiet would not count warnings

chaos: servers ## Fault tests: servers and workers are killed, hang, fail; each ends with an audit of all money
	@echo "== fault tests" && $(BIN)/python -m pytest -q tests/chaos -n $(WORKERS) --dist loadfile --no-loadscope-reorder

suites: $(VENV)/.dev ## All tests but the fault tests; those of core must reach every branch of it by themselves
	@echo "== tests of core" && $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal tests/core --cov --cov-report=term:skip-covered
	@echo "== tests" && $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal --ignore tests/core --ignore tests/chaos

oldest: $(OLDEST)/.dev ## Core, the contracts and Flask's routes, with the oldest libraries
	@echo "== tests with the oldest libraries"
	@$(BIN)/python -m tests.servers run -- $(OLDEST)/bin/python -m pytest -q -p no:cacheprovider $(VERSIONED)
VERSIONED := tests/core tests/contracts tests/adapters/flask/test_app.py tests/adapters/flask/test_problems.py \
	-k "not Memory and not OnOneServer and not other-rabbitmq and not other-redis"

matrix: $(VENV)/.dev servers ## The same, and real workers, on every Python, with old and new libraries; writes docs/versions.md
	@CI=true $(BIN)/python -m tests.servers run -- $(BIN)/python -m tests.matrix

fresh: $(VENV)/.dev ## As root: the two commands of the README on minimal Debians, in folders that it makes and removes; DEBIAN=trixie for one
	@$(BIN)/python -m tests.fresh $(DEBIAN)

SEEDS ?= 10000
soak: $(VENV)/.dev ## The simulator: SEEDS=10000 seeds of 200 steps, on every core
	@$(BIN)/show-goal simulate --seeds $(SEEDS) --steps 200

bench: $(VENV)/.dev servers ## What it costs, beside the bare driver calls and beside a hand-written route
	@$(BIN)/python -m benchmarks run --json .cache/benchmark.json

bench-docs: $(VENV)/.dev ## Write the results of the last `make bench` into the documents
	@$(BIN)/python -m benchmarks docs .cache/benchmark.json

dist: $(BIN)/uv ## Build the sdist, and from it the wheel, into dist/
	@$(BIN)/uv build --quiet --clear --python $(BIN)/python --build-constraints requirements/demo.txt --require-hashes
	@ls dist/*

format: $(VENV)/.dev ## Sort imports, format
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

pins: $(VENV)/.dev ## Pin the newest versions that pyproject.toml allows, and the oldest
	@$(BIN)/uv pip compile $(COMPILE) pyproject.toml --extra cli --group build -o requirements/demo.txt
	@$(BIN)/uv pip compile $(COMPILE) pyproject.toml --extra all --extra testing --group dev -o requirements/dev.txt
	@$(BIN)/uv pip compile $(COMPILE) --resolution lowest-direct pyproject.toml --extra all --group test -o requirements/oldest.txt
	@$(BIN)/uv pip compile $(COMPILE) --no-deps --group fastapi -o requirements/fastapi.txt
COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

clean: ## Remove everything that the targets made
	@rm -rf $(VENV) $(OLDEST) .cache .servers build dist show_goal.egg-info .*_cache .coverage .hypothesis

# --- set-up ---

$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "Show Goal needs Python 3.11 or newer. Say which: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "== virtual environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV) \
	|| { echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# What is installed are links to the files: a new module needs a new installation, a changed one does not.
.cache/modules: FORCE
	@mkdir -p .cache && echo '$(MODULES)' | cmp -s - $@ || echo '$(MODULES)' > $@
.PHONY: FORCE

INSTALL := --no-deps --no-build-isolation --config-settings editable_mode=strict --editable .

$(VENV)/.demo: $(BIN)/uv requirements/demo.txt pyproject.toml .cache/modules
	@test -e $(VENV)/.dev || $(UV) $(BIN)/python --require-hashes -r requirements/demo.txt
	@$(UV) $(BIN)/python $(INSTALL)
	@touch $@

$(VENV)/.dev: $(BIN)/uv requirements/dev.txt requirements/fastapi.txt pyproject.toml .cache/modules
	@$(UV) $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(UV) $(BIN)/python --require-hashes -r requirements/fastapi.txt --no-deps --target $(VENV)/fastapi # apart, see pyproject.toml
	@$(UV) $(BIN)/python $(INSTALL)
	@touch $@

$(OLDEST)/.dev: $(VENV)/.dev requirements/oldest.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(OLDEST)
	@$(UV) $(OLDEST)/bin/python --require-hashes -r requirements/oldest.txt
	@$(UV) $(OLDEST)/bin/python $(INSTALL)
	@touch $@
