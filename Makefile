# Every command needs `make setup` first, and brings it along. Nothing is written outside this folder.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup study test check truth library files ranges bench benchmark docs site clean distclean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready ## make .venv with everything in it (a minute or two; nothing if done)

# The stamp is the last thing written: a setup that was interrupted is taken up again.
.venv/ready: setup.cfg solvers/install/native.py solvers/certificate/library.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "cge needs Python 3.11 or newer; name one: make setup PYTHON=python3.12"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "making .venv ..."; $(PYTHON) -m venv --clear .venv; }
	@echo "installing the Python packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[batch,browser,dev,docs,explore,native,plot,pymrio,report]'
	@$(BIN)/python -m cge.solvers.install.native
	@touch $@

study: setup ## run the headline policies; print the welfare table, write results/
	$(BIN)/cge study

test: check ## run every check and every test
	$(BIN)/pytest --numprocesses 2 --dist loadfile

check: setup ## run the linters and the type checker alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

truth: setup ## compare the model with theory and published results; write docs/truth.md
	$(BIN)/pytest tests/identities tests/replication tests/fuzz tests/world --numprocesses 2 --dist worksteal --quiet --truth docs/truth.md

library: setup ## solve every scenario of the library at 29 x 28 and check its proof, sign, size and branch
	$(BIN)/pytest tests/end_to_end/test_library.py tests/fuzz/test_starts.py::test_no_policy_of_the_library_leads_beyond_a_turn \
	    --library world2022-29x28

files: setup ## read 2,000 damaged benchmarks, caches, results, batches and scenarios: no traceback, no false success
	$(BIN)/pytest tests/fuzz/test_files.py --files 2000

ranges: ## install the lowest and the newest versions that setup.cfg allows, each apart, and run the quick tests in both
	$(PYTHON) tests/ranges.py

bench: setup ## measure speed and size
	$(BIN)/python benchmarks/run.py

benchmark: setup ## rebuild the compiled benchmark from the raw tables in ../shared/data
	$(BIN)/python -m cge.calibration

docs: setup ## write the pages that are generated from the code
	$(BIN)/python docs/generate.py

site: setup ## build the documentation site, notebooks executed, every warning an error: build/site/index.html
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs build/site

clean: ## remove what tests and builds leave behind
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	rm -rf .venv
