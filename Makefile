# Everything that a person runs by hand. Each target does its own set-up; nothing asks a question.

PYTHON := .venv/bin/python
IN_PLACE := PYTHONPATH=site:.

.PHONY: help demo demo-reset test soak dev check rooms bench screenshots messages fix lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## run two instances that follow each other, on this machine
	@.ci/prepare run
	@$(IN_PLACE) $(PYTHON) -m config.demo

demo-reset: ## throw the demo's content away
	@.ci/prepare run
	@$(IN_PLACE) $(PYTHON) -m config.demo --reset

test: ## every check and every test
	@.ci/prepare test
	@$(MAKE) --no-print-directory lint
	$(PYTHON) -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

# Tests that have a long form take it; one at a time, since it kills what others would wait for.
soak: ## the long forms of the tests that try to break things: many seeds, hundreds of kills; for a night
	@.ci/prepare check
	COMMONWIRE_SOAK=1 $(PYTHON) -m pytest tests/unit tests/rooms tests/journeys/test_under_fire.py

dev: ## run one instance that reloads when its code changes
	@.ci/prepare check
	@DJANGO_SETTINGS_MODULE=config.settings.dev $(PYTHON) manage.py serve --reload

check: ## lint, types, arrows between rooms and the fast tests, in under a minute
	@.ci/prepare check
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint check-fast

rooms: ## the tests that need a database, and no servers
	@.ci/prepare check
	$(PYTHON) -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder tests/rooms

bench: ## measure how fast it is, as ratios (BENCH="inbox --rounds 5" for one row)
	@.ci/prepare test
	@$(IN_PLACE) $(PYTHON) -m tests.bench $(BENCH)

screenshots: ## photograph every kind of page into var/screenshots (SHOTS="report --widths 320,768")
	@.ci/prepare test
	@$(IN_PLACE) $(PYTHON) -m tests.screenshots $(SHOTS)

messages: ## bring the catalogs of all languages up to date with the code, and compile them
	@.ci/prepare check
	@$(IN_PLACE) $(PYTHON) -m tests.catalogs

.PHONY: lint check-fast
check-fast:
	$(PYTHON) -m pytest -q tests/house tests/unit

lint:
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(IN_PLACE) .venv/bin/lint-imports
	$(PYTHON) -m mypy

fix: ## let ruff repair what it can
	@.ci/prepare check
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

# Versions with hashes and without download addresses, so that they install from any index.
LOCK := var/lock/bin/uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes \
	--no-emit-index-url --no-header --quiet $(UPGRADE)

lock: ## write the lock files anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@.ci/prepare run
	$(PYTHON) -m venv --clear var/lock
	var/lock/bin/python -m pip install --quiet uv
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --output-file requirements-dev.lock

clean: ## remove what tools made; data and demo in var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info var/lock
	rm -rf tests/peers/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
