# Everything here works in a fresh clone: what a target needs, it installs first.

SHELL := /bin/bash
PYTHON := .local/venv/bin/python
PYTEST := $(PYTHON) -m pytest
PORT ?= 8080
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Start everything; the app is at http://localhost:8080 (PORT=)
	@PORT=$(PORT) exec $(PYTHON) -m emulators.run

demo: install ## Walk the main job over HTTP and check the books (BASE_URL= for a deployment)
	@$(PYTHON) -m tools.demo $(BASE_URL)

doctor: install ## Check this machine and say what to type
	@$(PYTHON) -m tools.doctor

logs: install ## Follow the log of one part: make logs s=transfers
	@$(PYTHON) -m tools.logs $(s)

reset: install ## Forget the local data
	@$(PYTHON) -m tools.reset

trigger: install ## Play the bank: make trigger topup.paid id=<top-up>
	@$(PYTHON) -m emulators.payer $(filter-out trigger,$(MAKECMDGOALS)) $(if $(id),id=$(id))

topup.%: ; @:

test: check unit integration e2e ## Everything that must pass before a merge

check: install web/node_modules ## Lint, types, import contracts, generated files
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@$(PYTHON) -m tools.typecheck && .local/venv/bin/lint-imports
	@$(PYTHON) -m tools.requirements --check && $(PYTHON) -m tools.schemas --check
	@npm --prefix web run --silent check

unit: install ## Tests without any part
	@$(PYTEST) tests/unit tests/contract tests/terraform

integration: install ## Tests against real parts
	@$(PYTEST) -n 2 --dist loadfile tests/integration tests/security tests/simulation

e2e: install ## A browser against the whole running system
	@$(PYTEST) tests/e2e

install: ## Install what the other targets need
	@$(MAKE) --no-print-directory -j2 .local/stamps/python .local/stamps/bigquery

.local/stamps/python: requirements/dev.txt
	@tools/bootstrap .local/venv $< $@

.local/stamps/bigquery: requirements/bigquery.txt
	@tools/bootstrap .local/bigquery-venv $< $@

web/node_modules: web/package-lock.json | install
	@$(PYTHON) -m emulators.web_build

.PHONY: help run demo doctor logs reset trigger test check unit integration e2e install
