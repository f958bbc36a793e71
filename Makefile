# make app     set up .venv and open the app
# make check   set up .venv; lint, types and the fast tests, in about a minute
# make test    set up .venv and run all tests
# Another Python: make app PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin

.PHONY: app check test test-js lint benchmark venv clean
.DEFAULT_GOAL := app

app: .venv/app
	$(BIN)/streamlit run app.py

check: lint test-js
	$(BIN)/python -m pytest -m "not slow"

test: .venv/dev test-js
	$(BIN)/python -m pytest

test-js:
	@if command -v node >/dev/null; then node --test tests/js/*.test.js; else echo "Node is not installed: tests/js is left out"; fi

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: .venv/dev
	$(BIN)/python -m cae benchmark

venv: .venv/dev

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/app: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/app
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
