# One command per wish; each one makes its own virtual environment first.
# ARGS go to the program behind a target: make demo ARGS=--fresh · make test ARGS="-k milestone"

VENV ?= .venv
ARGS ?=
# the order of the tests: shuffled, the same for everybody; make test SEED=$$RANDOM for another
SEED ?= 1789
PY := $(VENV)/bin/python
export VENV

.DEFAULT_GOAL := help
.PHONY: help demo test quick check format lock migration lighthouse bench clean core-venv test-venv

help:   ## these lines
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  +##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

core-venv:
	@scripts/prepare core

test-venv:
	@scripts/prepare test

demo: core-venv  ## a whole petition site with invented petitions, on this machine
	$(VENV)/bin/petitions demo $(ARGS)

test: test-venv  ## every test, on SQLite and PostgreSQL and in a real browser
	-@scripts/prepare outside
	-@scripts/prepare interop
	$(PY) -m tests.chromium
	$(PY) -m pytest -n 2 --randomly-seed=$(SEED) $(ARGS)

quick: test-venv  ## the tests without browser, database and whatever else takes its time: a minute
	$(PY) -m pytest -q -n 2 -m "not browser and not slow" $(ARGS)

check: test-venv  ## lint, format, types, import borders
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: test-venv  ## put the code into its form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock: test-venv  ## write the locks anew (ARGS=--upgrade for the newest versions)
	scripts/lock $(ARGS)

migration: test-venv  ## draft the next migration: make migration MESSAGE="what it does"
	$(PY) scripts/draft_migration.py "$(MESSAGE)"

lighthouse: test-venv  ## Lighthouse on a site that runs (make demo): make lighthouse ARGS=http://127.0.0.1:8000
	@scripts/prepare-lighthouse
	$(PY) -m tests.lighthouse.measure $(ARGS)

bench: test-venv  ## load and scale, with the machine's ceilings beside them
	$(PY) -m benchmarks $(ARGS)

clean:  ## remove caches and builds; the demo's data and the environment stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -not -path "./$(VENV)/*" -prune -exec rm -rf {} +
