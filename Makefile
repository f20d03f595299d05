# Everything runs from .venv, which each target makes by itself from nothing but python3.
PYTHON ?= python3
BIN := .venv/bin
# Tests wait more than they compute: three workers more than there are processors keep those busy.
WORKERS ?= $(shell expr $$(nproc) + 3)
# Without its cache each worker would compile every test anew, and each program that a test begins all of provd.
unexport PYTHONDONTWRITEBYTECODE
# Decides on what happens when in the long proofs.
SEED ?= $(shell date +%s)

.DEFAULT_GOAL := help
.PHONY: help run demo test quick screens ordeal calls check lint bench snapshots pictures permissions clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: .venv/.run ## open the terminal UI on a private daemon (without a terminal: the demo fleet's health, as text)
	@$(BIN)/provtui --local

demo: .venv/.run ## the same, with the demo fleet of simulated carriers
	@$(BIN)/provtui --local --demo

test: .venv/.dev ## run every test
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

# These wait less, and each worker has to begin: one fewer.
quick: WORKERS := $(shell expr $$(nproc) + 2)
quick: .venv/.dev ## run the tests that need neither another program nor a screen: about a minute
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup tests/unit --ignore tests/unit/tui

screens: .venv/.dev ## run the tests of the terminal UI, and compare its looks
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup tests/unit/tui tests/snapshot

ordeal: .venv/.dev ## the long proofs, in a quarter of an hour: 200 kills, kills and faults at every call of a setup, a day under a fake clock (SEED=... for the same again)
	SEED=$(SEED) $(BIN)/pytest -q tests/ordeal/test_starts.py
	SEED=$(SEED) $(BIN)/pytest -q -n 2 --maxschedchunk 1 tests/ordeal/test_kills.py tests/ordeal/test_day.py tests/ordeal/test_setups.py
	EVERY_FAULT=1 $(BIN)/pytest -q -n $(WORKERS) tests/integration/test_setup_faults.py

calls: .venv/.dev ## the long proof of test calls: a hundred to each kind of callee, over each transport (ORDEAL_CALLS=10: fewer)
	$(BIN)/pytest -q -n $(WORKERS) tests/ordeal/test_calls.py

check: lint quick ## everything that must be clean before a commit

lint: .venv/.dev
	$(BIN)/ruff format --check src tests bench docs
	$(BIN)/ruff check src tests bench docs
	$(BIN)/mypy
	$(BIN)/mypy docs/examples/hillside
	$(BIN)/lint-imports

bench: .venv/.dev ## measure, beside an anchor in the same run
	$(BIN)/python -m bench

snapshots: .venv/.dev ## draw the TUI's snapshot baselines anew
	$(BIN)/pytest -q tests/snapshot --snapshot-update

pictures: .venv/.dev ## draw the pictures of the README and the guide anew
	$(BIN)/python docs/images/draw.py

permissions: .venv/.dev ## write the table of calls and roles anew
	$(BIN)/python docs/permissions.py

clean: ## remove what the other targets made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache snapshot_report.html
	find src tests bench -name __pycache__ -type d -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "provd needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Making .venv (once) ..."
	@$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing provd into .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing provd and its development tools into .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.run
