# make book    build this edition into build/
# make check   lint, types and the tests that lay out no page: the fast loop
# make test    lint, types, unit tests, end to end, validators
# make bench   time the builder against pandoc with WeasyPrint and with Typst
# make fuzz    spoil editions at random for an hour and see what the builder says
# make mutants change the code on purpose and see whether a test notices
# make clean   remove what was built

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/node_modules/.installed
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: book check lint test bench fuzz mutants clean system system-test

book: $(VENV)/book
	$(BIN)/python build.py

check: lint
	$(BIN)/pytest -m "not slow" --numprocesses 2 --dist worksteal

test: system-test lint $(NODE)
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

bench: $(VENV)/bench
	$(BIN)/python benchmarks/bench.py

fuzz: $(VENV)/test
	$(BIN)/python tools/fuzz.py

mutants: $(VENV)/mutants
	$(BIN)/python tools/mutants.py

$(BIN)/python: | system
	$(PYTHON) -m venv $(VENV)

# requirements/ names all that is needed, so pip need not search for versions: what does
# not fit this Python is an error at once, and what the lists forget is found by the check
$(VENV)/book: pyproject.toml requirements/book.txt | $(BIN)/python
	$(PIP) install --no-deps --requirement requirements/book.txt --editable .
	$(BIN)/pip check
	touch $@

$(VENV)/test $(VENV)/bench: $(VENV)/book
$(VENV)/mutants: $(VENV)/test
$(VENV)/test $(VENV)/bench $(VENV)/mutants: $(VENV)/%: requirements/%.txt
	$(PIP) install --no-deps --requirement requirements/$*.txt
	$(BIN)/pip check
	touch $@

# Node's validators and reading engines; the browser is Debian's
$(NODE): tests/package.json tests/package-lock.json | system-test
	PUPPETEER_SKIP_DOWNLOAD=true npm ci --prefix tests --ignore-scripts --no-audit --no-fund
	touch $@

system:
	@PYTHON=$(PYTHON) sh tools/system.sh book

system-test:
	@PYTHON=$(PYTHON) sh tools/system.sh test

clean:
	rm -rf build
