# Everything here works in a fresh clone: what a target needs, it installs first.
SHELL := /bin/bash
PYTHON := .local/venv/bin/python
PYTEST := $(PYTHON) -m pytest
SHORT := -m "not soak and not bench"
# What kills and floods whole systems runs alone: two at a time would wait for each other's.
STORMS := tests/bank tests/faults tests/integration/relay/test_whole_way.py
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Start everything; the app is at http://localhost:8080 (PORT=, ENGINE=docker)
	@exec $(PYTHON) -m emulators.$(if $(filter docker,$(ENGINE)),containers,run)

demo: install ## Walk the main job over HTTP and check the books (BASE_URL= for a deployment)
	@$(PYTHON) -m tools.demo $(BASE_URL)

doctor: install ## Check this machine and say what to type
	@$(PYTHON) -m tools.doctor

logs: install ## Follow the log of one part: make logs s=transfers
	@$(PYTHON) -m tools.logs $(s)

reset: install ## Forget the local data (ENGINE=docker: that of the containers)
	@$(PYTHON) -m $(if $(filter docker,$(ENGINE)),emulators.containers forget,tools.reset)

trigger: install ## Play the bank: make trigger topup.paid id=<top-up>
	@$(PYTHON) -m emulators.payer $(filter-out trigger,$(MAKECMDGOALS)) $(if $(id),id=$(id))
topup.%: ; @:

test: check unit integration e2e ## Everything that must pass before a merge

check: install .local/stamps/scan web/node_modules ## Lint, types, import contracts, generated files
	@npm --prefix web run --silent generate
	@$(MAKE) -s --no-print-directory -j2 --output-sync=target check-web check-python test-web
check-python:
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@$(PYTHON) -m tools.typecheck && .local/venv/bin/lint-imports
	@$(PYTHON) -m tools.requirements --check && $(PYTHON) -m tools.schemas --check && $(PYTHON) -m tools.scan
check-web: ; @cd web && npm run --silent typecheck && npm run --silent lint && npm run --silent messages
test-web: ; @npm --prefix web run --silent test

unit: install ## Tests without any part
	@$(PYTEST) $(SHORT) -n 2 tests/unit

integration: install .local/stamps/scan ## Tests against real parts, two at a time
	@$(PYTEST) $(SHORT) -n 2 --dist loadfile --ignore=tests/unit --ignore=tests/e2e $(STORMS:%=--ignore=%) tests
	@$(PYTEST) $(SHORT) $(STORMS)

e2e: install web/node_modules ## Browsers against two whole running systems
	@$(PYTEST) $(SHORT) -n 2 --dist loadfile --no-loadscope-reorder tests/e2e

soak: install ## Tests that are too long for make test, and the short ones' long forms
	@SOAK=1 $(PYTEST) -m "not bench" tests/simulation tests/integration/ledger/test_{races,durability}.py
	@$(PYTHON) -m tests.load.soak && $(PYTEST) -m soak tests

bench: install ## Measure: docs/benchmarks.md, and what prints its figures
	@$(PYTHON) -m tests.load.bench && $(PYTEST) -m bench -s tests

load: install .local/stamps/load ## People as Locust drives them, for five minutes (BASE_URL= for a deployment, MINUTES=, USERS=)
	@$(PYTHON) -m tools.load $(BASE_URL)

compare: install ## Side by side with the limit of this machine (BASE_URL= and with another wallet)
	@$(PYTHON) -m tools.compare $(BASE_URL)

mutants: install ## Break the code on purpose, and see the named tests fail
	@$(PYTHON) -m tools.mutants

screens: install web/node_modules ## Pictures of every screen, in web/screens
	@$(PYTHON) -m tools.screens

budget: build ## Hold the web app's first load to its budget
	@npm --prefix web run --silent budget

rebuild: install ## Make the top-ups' documents again from the ledger of the running system
	@$(PYTHON) -m emulators.rebuild

operate: install ## What a runbook says, to the running system: make operate do="settle <top-up id>"
	@$(PYTHON) -m emulators.operate $(do)

requirements: install ## Write each function's requirements.txt anew, after a new import
	@$(PYTHON) -m tools.requirements

drill: install ## Destroy a local copy of the books and bring it back from a backup
	@$(PYTHON) -m tools.drill

build: install web/node_modules ## Package what the cloud runs: function zips, jobs, site
	@$(PYTHON) -m tools.package && $(PYTHON) -m emulators.web_build

plan: build ## Show what a deployment of terraform/terraform.tfvars would change
	@$(PYTHON) -m tools.deploy plan

deploy: build ## Deploy the project of terraform/terraform.tfvars
	@$(PYTHON) -m tools.deploy deploy

zips: install ## Start each function's zip in an empty environment of its own (slow)
	@$(PYTEST) -m soak tests/terraform

audit: install ## Look for known vulnerabilities, and first prove that the look works
	@$(PYTHON) -m tools.audit

# From the environment, never as $(…): make and the shell would both run what somebody typed into a form.
rollback: install ## Send traffic back to the revision before (PROJECT=, REGION=, SERVICE=, SINCE=)
	@$(PYTHON) -m tools.rollback --project="$$PROJECT" --region="$$REGION" $${SINCE:+"--since=$$SINCE"} $${SERVICE:+"$$SERVICE"}

secrets: install ## Make or rotate secrets (do="rotate SIGNING_KEYS"), of the running system or of PROJECT=
	@$(PYTHON) -m tools.secrets $(or $(do),fill) $(if $(PROJECT),--project=$(PROJECT)) $(if $(CONTACT),--contact=$(CONTACT))

install: ## Install what the other targets need
	@$(MAKE) -s --no-print-directory -j2 .local/stamps/python .local/stamps/bigquery
.local/stamps/python: requirements/dev.txt ; @tools/bootstrap .local/venv $< $@
.local/stamps/bigquery: requirements/bigquery.txt ; @tools/bootstrap .local/bigquery-venv $< $@
.local/stamps/scan: requirements/scan.txt ; @tools/bootstrap .local/scan-venv $< $@
.local/stamps/load: requirements/load.txt ; @tools/bootstrap .local/load-venv $< $@
web/node_modules: web/package-lock.json | install ; @$(PYTHON) -m emulators.web_build

.PHONY: help run demo doctor logs reset rebuild trigger operate test check check-python check-web test-web unit integration e2e soak bench load compare mutants screens budget drill \
	requirements build plan deploy zips audit rollback secrets install
