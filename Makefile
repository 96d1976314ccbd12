# make book   build this edition into build/
# make test   lint, types, unit tests, end to end, validators
# make bench  time the builder against pandoc with WeasyPrint and with Typst
# make clean  remove what was built

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/node_modules/.installed
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: book test bench clean system system-test

book: $(VENV)/book
	$(BIN)/python build.py

test: system-test $(VENV)/test $(NODE)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 2 --dist loadfile

# what needs no layout, no browser and no Java
.PHONY: check
check: $(VENV)/test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 2 -m "not slow"

bench: $(VENV)/bench
	$(BIN)/python benchmarks/bench.py

$(BIN)/python: | system
	$(PYTHON) -m venv $(VENV)

$(VENV)/book: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable .
	touch $@

$(VENV)/test: $(VENV)/book
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	touch $@

# Node's validators and reading engines; the browser is Debian's
$(NODE): tests/package.json tests/package-lock.json | system-test
	PUPPETEER_SKIP_DOWNLOAD=true npm ci --prefix tests --ignore-scripts --no-audit --no-fund
	touch $@

$(VENV)/bench: $(VENV)/book
	$(PIP) install --constraint constraints.txt --editable '.[bench]'
	touch $@

system:
	@PYTHON=$(PYTHON) sh tools/system.sh book

system-test:
	@PYTHON=$(PYTHON) sh tools/system.sh test

clean:
	rm -rf build
