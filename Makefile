# make install | run | test | lint | bench
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install run test lint bench

install: $(VENV)/.installed
run: $(VENV)/.installed
	$(BIN)/python app.py

test: $(VENV)/.tools
	$(BIN)/python -m pytest

lint: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# newsqa beside other programs, and the ratios beside those on record: some six minutes on two cores.
bench: $(VENV)/.peers
	$(BIN)/python -m newsqa.evaluation.benchmark --against tests/data/benchmark.json

$(VENV)/.installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.tools: $(VENV)/.installed tests/requirements.txt
	$(BIN)/python -m pip install --quiet --requirement tests/requirements.txt
	touch $@

$(VENV)/.peers: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet --editable ".[peers]"
	touch $@
