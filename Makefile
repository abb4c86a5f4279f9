# Everything a person does with this project. `make help` lists the targets.
# Needs Python 3.11 or newer, make and git. Everything else is set up below, or asked for in one line.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
RUN_STAMP := .venv/.run
DEV_STAMP := .venv/.dev
PORT ?= 8470

.PHONY: setup demo test lint types laws verify mutation docs peers bench serve release lock help

setup: $(RUN_STAMP) ## build .venv with the command .venv/bin/impetus

$(BIN)/uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it (Debian: apt-get install python3 python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python's venv module is needed (Debian: apt-get install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(RUN_STAMP): $(BIN)/uv requirements/run.txt requirements/build.txt pyproject.toml package-lock.json $(wildcard src/impetus/web/locale/*/LC_MESSAGES/*.po)
	@echo "setting up .venv …"
	@$(UV) --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(UV) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python -m impetus.run.warm
	@$(BIN)/python -m impetus.web.vendor
	@$(BIN)/python -m impetus.web.i18n compile
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.txt
	@$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

demo: setup ## run the platform with the city-square scenario on this machine
	@$(BIN)/impetus demo --port $(PORT)

serve: setup ## run an installation from ./var/home
	@$(BIN)/impetus serve --home var/home

test: $(DEV_STAMP) ## lint, types, laws and every test that needs less than fifteen minutes
	@$(MAKE) --no-print-directory lint types
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow"

lint: $(DEV_STAMP) ## format and lint checks
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .

types: $(DEV_STAMP) ## mypy --strict
	@$(BIN)/mypy

laws: $(DEV_STAMP) ## layers, style figures, conformance of tools, documentation
	@$(BIN)/python -m pytest -q tests/laws

verify: test ## the longer checks: before a release, before calling something done
	@$(BIN)/python -m pytest -q -m slow
	@$(BIN)/impetus bench crash

mutation: $(DEV_STAMP) ## break every line of src/impetus/ethics in turn; at least 85 in 100 breaks must fail a test
	@$(BIN)/mutmut run | tr '\r' '\n' | tail -n 1
	@$(BIN)/mutmut export-cicd-stats >/dev/null
	@$(BIN)/python tests/laws/mutation_score.py mutants/mutmut-cicd-stats.json

docs: $(DEV_STAMP) ## regenerate generated pages and the screenshots
	@$(BIN)/python tests/laws/generate_docs.py
	@$(BIN)/python tests/screens/shots.py

peers: $(DEV_STAMP) ## install the libraries that some benches compare with
	@$(UV) --group peers

bench: setup ## measure; the figures of docs/reference/figures.md
	@$(BIN)/impetus bench all

release: verify ## build the wheel and the source archive into dist/
	@$(BIN)/python -m hatchling build

lock: $(BIN)/uv ## resolve requirements anew, with hashes and without addresses
	@$(BIN)/uv pip compile -q pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header -o requirements/run.txt
	@$(BIN)/uv pip compile -q pyproject.toml --group dev --python-version 3.11 --universal --generate-hashes --no-header -o requirements/dev.txt
	@$(BIN)/uv pip compile -q --group build --no-emit-package impetus --python-version 3.11 --universal --generate-hashes --no-header -o requirements/build.txt

help: ## say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 12
