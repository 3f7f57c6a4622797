# One word a chore. Each target sets up .venv when it is missing or older than what it is made from.
PYTHON ?= python3
BIN := .venv/bin
AXE := $(CURDIR)/.venv/axe/node_modules/axe-core/axe.min.js

.PHONY: demo test lint types format docs bench accuracy faults sabotage crash fuzz clean
.DEFAULT_GOAL := test

.venv/.pip: constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ofsted Watch needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

.venv/.demo: .venv/.pip pyproject.toml
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo]'
	touch $@

.venv/.dev: .venv/.pip pyproject.toml
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo,apprise,metrics,datasette]' --group dev
	touch $@ .venv/.demo

# The accessibility checker of the browser tests; without npm they are skipped, saying so.
.venv/.axe: .venv/.pip
	-command -v npm >/dev/null && npm install --silent --no-save --no-package-lock --prefix .venv/axe axe-core@4.14.1
	touch $@

demo: .venv/.demo
	$(BIN)/ofsted-watch demo

test: .venv/.dev .venv/.axe
	AXE_CORE="$${AXE_CORE:-$$(ls $(AXE) 2>/dev/null)}" $(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) types

types: .venv/.dev
	$(BIN)/mypy

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.dev
	$(BIN)/python docs/make.py

accuracy: .venv/.dev
	$(BIN)/python bench/accuracy.py
	$(BIN)/python bench/announcements.py

bench: .venv/.dev
	$(BIN)/python bench/run.py

sabotage: .venv/.dev
	SABOTAGE=all $(BIN)/python -m pytest -q -n0 tests/proof/test_sabotage.py

crash: .venv/.dev
	CRASH_EVERY=1 CRASH_KILLS=1000 CRASH_TORN=2000 CRASH_CALLS=1 $(BIN)/python -m pytest -q -n0 tests/proof/test_crash.py tests/proof/test_syscalls.py

fuzz: .venv/.dev
	$(BIN)/python tests/proof/fuzzing.py --n $(or $(N),2000)

faults: .venv/.dev
	$(BIN)/python -m pytest -q -p tests.faults -n auto --dist loadfile -m fault --fault-matrix

clean:
	rm -rf .venv .demo build dist
