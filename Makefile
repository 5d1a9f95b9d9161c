# make run: try it. make test: the whole suite. The rest is for who changes it; see CONTRIBUTING.md.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
IN := .venv/bin
PIP := $(IN)/python -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test lint format docs picture fuzz faults mutants bench

help: ## Say what there is to make.
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run: .venv/product ## Start on this machine, with invented records where there are none.
	@exec $(IN)/python -m oversight.running

test: .venv/tools ## Run the whole suite; what could not be run is listed at its end.
	@exec $(IN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

lint: .venv/tools ## Look for faults of style, and at what imports what.
	@$(IN)/ruff check .
	@$(IN)/ruff format --check --quiet .
	@PYTHONPATH=. $(IN)/lint-imports --no-cache >.venv/imports.log || { cat .venv/imports.log; exit 1; }

format: .venv/tools ## Put the sources into their one form.
	@$(IN)/ruff check --quiet --fix .
	@$(IN)/ruff format --quiet .

docs: .venv/product ## Write the generated pages of docs/ anew.
	@$(IN)/python -m oversight.documents

picture: .venv/tools ## Take the pictures of the README anew from the running demonstration.
	@exec $(IN)/python -m tests.picture

fuzz: .venv/tools ## Run the generated cases a hundred times as often.
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-10000} exec $(IN)/python -m pytest $$(grep -l hypothesis tests/test_*.py)

faults: .venv/tools ## Kill processes at every point of the path; look what was true afterwards.
	@exec $(IN)/python -m tests.faults

mutants: .venv/tools ## Break rules one line at a time; see that a test turns red for each.
	@exec $(IN)/python -m tests.mutants

bench: .venv/tools ## Measure the goals of speed and memory; a miss ends with 1.
	@missed=0; for goal in ingest rules increment; do \
		$(IN)/python -m benchmarks.$$goal --rows $${BENCH_ROWS:-1000000} || missed=1; \
	done; exit $$missed

# Each stamp is newer than what it was installed from, so that a second make begins at once.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Oversight needs Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/product: requirements.txt | .venv/bin/python
	@echo "Installing what $< names into .venv ..."
	@$(PIP) -r $<
	@touch $@

.venv/tools: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Installing what $< names into .venv ..."
	@$(PIP) -r $<
	@touch $@ .venv/product
