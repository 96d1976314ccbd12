# make book   build this edition into build/
# make test   lint, types, unit tests, end to end, validators
# make bench  time the builder against pandoc with WeasyPrint and with Typst
# make clean  remove what was built

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: book test bench clean system system-test

book: $(VENV)/book system
	$(BIN)/python build.py

test: $(VENV)/test system-test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest

bench: $(VENV)/bench system
	$(BIN)/python benchmarks/bench.py

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/book: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable .
	touch $@

$(VENV)/test: $(VENV)/book
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	touch $@

$(VENV)/bench: $(VENV)/book
	$(PIP) install --constraint constraints.txt --editable '.[bench]'
	touch $@

system:
	@sh tools/system.sh book

system-test:
	@sh tools/system.sh test

clean:
	rm -rf build
