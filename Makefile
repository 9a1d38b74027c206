# quaymark: `make up` runs everything on this machine, `make test` proves it, `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
VENV ?= .venv
BIN := $(VENV)/bin
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url
# tests with servers wait for two thirds of their time: two more at a time than there are cores, 1 GB of free memory for each
BESIDE ?= $(shell awk -v n=$$(nproc) '/^MemAvailable/ {n += 2; m = int($$2 / 1e6); if (n > m) n = m; \
	if (n > 6) n = 6; print n < 1 ? 1 : n}' /proc/meminfo)
# tests without servers: neighbours stay in one process and share what they made; one process more than there are cores, since some wait
FAST := -n $(shell echo $$(($$(nproc) + 1))) --dist worksteal --ignore=tests/integration
SCHEMAS := tests/unit/stack/kubernetes/schemas
.DEFAULT_GOAL := help
# tests start some hundred Python processes: what they import is compiled once, whatever the shell says
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

up: ## start everything, load the year, go on live (Ctrl-C stops)
	@$(MAKE) --no-print-directory $(BIN)/python
	@$(MAKE) --no-print-directory --jobs=2 $(VENV)/.runtime monitoring # side by side
	@exec $(BIN)/quaymark up

demo: ## the same, with 2019 and 2020 first: the year that passed 1.1 million TEU
	@$(MAKE) --no-print-directory $(BIN)/python
	@$(MAKE) --no-print-directory --jobs=2 $(VENV)/.runtime monitoring
	@exec $(BIN)/quaymark up --story

down: $(VENV)/.runtime ## stop everything; the data stays
	@$(BIN)/quaymark down

status: $(VENV)/.runtime ## the headline figures, freshness and lag
	@$(BIN)/quaymark status

test: lint ## lint, types, imports, rendered files, unit, rules and integration tests
	$(BIN)/pytest $(FAST)
	$(BIN)/pytest -n $(BESIDE) tests/integration

unit: $(VENV)/.dev ## the tests that need no broker, under a minute
	$(BIN)/pytest $(FAST)

integration: $(VENV)/.dev monitoring ## the tests with a real Kafka and a real Prometheus; BESIDE=1 one after another
	$(BIN)/pytest -n $(BESIDE) tests/integration

storm: $(VENV)/.dev ## MINUTES=8 of kills, pauses and torn connections at random (SEED=...), and as long at three brokers: the books stay exact
	$(BIN)/python -m tests.integration.support.storm --minutes $(or $(MINUTES),8) $(if $(SEED),--seed $(SEED))
	$(BIN)/python -m tests.integration.support.secured.cluster_storm --minutes $(or $(MINUTES),8) $(if $(SEED),--seed $(SEED))

filestorm: $(VENV)/.dev ## FILES=2000 dropped into an inbox that is killed KILLS=20 times: each counts once
	$(BIN)/python -m tests.integration.support.inbox.inbox_storm --files $(or $(FILES),2000) --kills $(or $(KILLS),20) $(if $(SEED),--seed $(SEED))

rolling: $(VENV)/.dev ## two workers of release FROM=v0.1.0 are replaced by this one, put back and replaced again: the books stay exact
	$(BIN)/python -m tests.integration.support.upgrade.rolling_update --from $(FROM)

soak: $(VENV)/.dev ## MINUTES=20 of 5,000 events a second: memory, open files and lag stay level
	$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),20)

coverage: $(VENV)/.dev monitoring ## which branches all tests take, by room; tells, and fails for nothing
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest $(FAST)
	-$(BIN)/coverage run -m pytest -n $(BESIDE) tests/integration
	$(BIN)/coverage combine --quiet
	$(BIN)/python -m tests.coverage_by_room

lint: $(VENV)/.dev monitoring ## ruff, mypy, import contracts, rendered files; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/quaymark render --check

manifests: ## the example of deploy/kubernetes by kubeconform, where it and kubectl are
	@kubectl kustomize deploy/kubernetes/overlays/example | kubeconform -strict -summary \
	  -schema-location '$(SCHEMAS)/core/{{.ResourceKind}}{{.KindSuffix}}.json' \
	  -schema-location '$(SCHEMAS)/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'

format: $(VENV)/.dev ## sort imports and lay out the code
	$(BIN)/ruff check --fix-only --select I .
	$(BIN)/ruff format .

render: $(VENV)/.runtime ## write deploy/, docs/kpis.md, the published contract and the table of modules from the code
	@$(BIN)/quaymark render
	@$(BIN)/python -m tests.house.module_table

pictures: $(VENV)/.dev monitoring ## draw docs/*.png; PREVIEW names bin/preview.mjs of a Grafana preview
	@PREVIEW=$${PREVIEW:-../shared/preview/bin/preview.mjs} $(BIN)/python -m tests.pictures $(PICTURES)

bench: $(VENV)/.bench monitoring ## events and imported moves a second, memory, a whole year to blocks, beside bare limits and peers; PARTS=import or register
	$(BIN)/python -m bench --parts $(or $(PARTS),all)

backtest: $(VENV)/.runtime ## how good the forecast is, against known years
	$(BIN)/python -m bench.forecast

requirements: $(VENV)/.runtime ## compile requirements/ from pyproject.toml
	$(COMPILE) --group installer -o requirements/installer.txt
	$(COMPILE) pyproject.toml --group build -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(COMPILE) pyproject.toml --group dev --group bench -c requirements/dev.txt -o requirements/bench.txt
	$(COMPILE) --group release -c requirements/dev.txt -o requirements/release.txt

dist: $(VENV)/release/.done ## the wheel and its bill of materials (CycloneDX), into dist/; the same bytes each time
	rm -rf dist
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-315532800} $(BIN)/python -m pip wheel --disable-pip-version-check --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@test -f dist/quaymark-*-py3-none-any.whl # pure Python: for every machine
	@$(VENV)/release/bin/python install/sbom.py dist/sbom.cdx.json
	@ls dist

sbom: $(VENV)/release/.done ## the bill of materials alone, into dist/
	@$(VENV)/release/bin/python install/sbom.py dist/sbom.cdx.json

audit: $(VENV)/release/.done ## known vulnerabilities of what is pinned (1: some, 3: the service was not reached)
	@$(VENV)/release/bin/python install/audit.py requirements/runtime.txt requirements/installer.txt

wheels: $(VENV)/release/.done ## whether every pinned package has a wheel for PLATFORM=aarch64 or is pure
	@for version in 3.11 3.13; do install/wheels.sh $(VENV)/release/bin/python $$version $(or $(PLATFORM),aarch64); done

monitoring: ## get Prometheus and Alertmanager where apt has them
	@install/monitoring.sh

clean: ## remove the virtual environment and all caches; the data stays
	rm -rf $(VENV) .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

erase: down ## remove the data: Kafka, the books, Prometheus, logs
	rm -rf .quaymark

$(BIN)/python:
	@install/venv.sh $(VENV)

$(VENV)/.%: requirements/%.txt pyproject.toml | $(BIN)/python
	@install/packages.sh $(VENV) $*

# apart from the others: what a release is made and checked with is no part of it
$(VENV)/release/.done: requirements/release.txt $(VENV)/.runtime
	@$(BIN)/python -m venv --clear $(VENV)/release
	@$(VENV)/release/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements/release.txt
	@touch $@

.PRECIOUS: $(VENV)/.%
.PHONY: help up demo down status test unit integration storm filestorm rolling soak coverage lint manifests format render pictures bench backtest requirements dist sbom audit wheels monitoring clean erase
