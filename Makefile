# Everything a fresh machine needs is Python 3.11 (or newer) and make.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check -qq install --constraint constraints.txt

.PHONY: help demo test test-slow test-soak lint bench clean

help:
	@echo "make demo       crawl replicas of the five sites on this machine, from wire bytes to clean records"
	@echo "make test       format, lint, types, then the tests with branch coverage"
	@echo "make test-slow  the sweeps that take minutes"
	@echo "make test-soak  the same sweeps, on and on: for a release"
	@echo "make bench      speed, as ratios to peers measured in the same run"
	@echo "make clean      remove what the above made"

demo: $(VENV)/.run
	@$(VENV)/bin/newswarc demo

test: $(VENV)/.test .venv-pywb/.done .venv-wacz/.done tests/wabac/node_modules/.done .venv-s3/.done .venv-readers/.done
	$(VENV)/bin/ruff format --check --quiet .
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/mypy
	$(VENV)/bin/pytest -q -n auto --dist worksteal -m "not slow" --cov --cov-report=term:skip-covered

test-slow: $(VENV)/.test .venv-pywb/.done .venv-wacz/.done tests/wabac/node_modules/.done tests/replayweb/node_modules/.done .venv-s3/.done .venv-readers/.done
	$(VENV)/bin/pytest -q -n auto --dist worksteal -m "slow and not soak"

test-soak: $(VENV)/.test
	$(VENV)/bin/pytest -q -n auto --dist worksteal -m soak

lint: $(VENV)/.test
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/mypy

bench: $(VENV)/.test
	@for script in benchmarks/bench_*.py; do $(VENV)/bin/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .venv-pywb .venv-wacz tests/*/node_modules .venv-s3 .venv-readers build dist *.egg-info .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test]'
	@touch $@

# pywb replays what we write. It wants older libraries than ours, so it lives by itself;
# where it cannot be installed, the replay tests are skipped and say so.
.venv-pywb/.done: constraints-pywb.txt
	$(PYTHON) -m venv .venv-pywb
	-.venv-pywb/bin/pip --disable-pip-version-check --quiet install --requirement constraints-pywb.txt
	@touch $@

# The WACZ format's own validator, likewise.
.venv-wacz/.done: constraints-wacz.txt
	$(PYTHON) -m venv .venv-wacz
	-.venv-wacz/bin/pip --disable-pip-version-check --quiet install --requirement constraints-wacz.txt
	@touch $@

# ReplayWeb.page's engine, for the same packages, and itself for one look; likewise, and where there is no npm.
tests/%/node_modules/.done: tests/%/package-lock.json
	-npm ci --prefix tests/$* --ignore-scripts --no-audit --no-fund --silent
	@mkdir -p $(@D) && touch $@

# Two S3 servers for the tests; where they cannot be installed, those tests are skipped and say so.
.venv-s3/.done: constraints-s3.txt
	$(PYTHON) -m venv .venv-s3
	-.venv-s3/bin/pip --disable-pip-version-check --quiet install --requirement constraints-s3.txt
	@touch $@

# The readers that docs/readers.md shows; likewise.
.venv-readers/.done: constraints-readers.txt
	$(PYTHON) -m venv .venv-readers
	-.venv-readers/bin/pip --disable-pip-version-check --quiet install --requirement constraints-readers.txt
	@touch $@
