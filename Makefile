# The laptop's commands; what they do is in local/. `make help` lists them.
.DEFAULT_GOAL := help
PORT ?= 3000
DATA ?= .local/state
BIN := .venv/bin
PARAMETERS := $(if $(GLOBAL_LIMIT),GlobalLimit=$(GLOBAL_LIMIT)) $(if $(TENANT_LIMIT),TenantLimit=$(TENANT_LIMIT)) $(if $(TENANT_WEIGHTS),TenantWeights=$(TENANT_WEIGHTS)) $(PARAMS)
export SAM_CLI_TELEMETRY := 0
# Whatever the caller exports, imports come from the venvs alone.
unexport PYTHONPATH PYTHONHOME

.PHONY: help setup run token invoke bridge test test-sam-local test-engines quality cost lint build openapi lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

setup: ## make the venvs (the other commands do it too)
	@python=$$(PYTHON="$(PYTHON)" sh local/find_python.sh) && exec "$$python" -m local.setup

run: setup ## the whole stack here: PORT=3000 DATA=.local/state ENGINES=engines.yaml GLOBAL_LIMIT= TENANT_LIMIT= TENANT_WEIGHTS= PARAMS="Key=Value ..."
	@exec $(BIN)/python -m local.run --port "$(PORT)" --data "$(DATA)" $(if $(ENGINES),--engines "$(ENGINES)") $(PARAMETERS)

token: setup ## a JWT that the running stack takes: ROLE=user SUB=alice TENANT=acme PORT=3000
	@exec $(BIN)/python -m local.token --port "$(PORT)" --role "$(or $(ROLE),user)" --sub "$(SUB)" --tenant "$(TENANT)"

invoke: setup ## run one function: FUNCTION=ClassificationFunction EVENT=events/classification.json PORT=3000
	@exec $(BIN)/python -m local.invoke --port "$(PORT)" --data "$(DATA)" "$(FUNCTION)" "$(EVENT)"

bridge: setup ## let `sam local` containers use the running stack, until Ctrl-C: PORT=3000
	@exec $(BIN)/python -m local.bridge --port "$(PORT)"

test: setup ## every test; ARGS="tests/unit -k name" for some
	@exec $(BIN)/python -m pytest -m "not sam_local and not engines" $(ARGS)

test-sam-local: setup ## each function in a container, by `sam local` (needs a Docker engine)
	@exec $(BIN)/python -m pytest -m sam_local tests/e2e/sam_local $(ARGS)

test-engines: ## generative engines against a real server with a small model (builds it: ten minutes, cmake, a C++ compiler)
	@python=$$(PYTHON="$(PYTHON)" sh local/find_python.sh) && "$$python" -m local.setup engines
	@exec $(BIN)/python -m pytest -m engines -s tests/engines $(ARGS)

quality: ## how good the embedded engine's answers are: BENCH=../shared/bench (a folder of public data sets)
	@python=$$(PYTHON="$(PYTHON)" sh local/find_python.sh) && "$$python" -m local.setup benchmarks
	@exec .local/venvs/benchmarks/bin/python -m benchmarks.ai_quality $(if $(BENCH),--bench "$(BENCH)") $(ARGS)

cost: setup ## what a workflow costs on AWS, beside the plain design: both run here, counted and priced (4 minutes)
	@exec $(BIN)/python -m benchmarks.cost $(ARGS)

lint: setup ## ruff, mypy, sam validate, cfn-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy layers local
	$(BIN)/sam validate --lint
	$(BIN)/cfn-lint template.yaml

build: setup ## sam build for AWS, into .aws-sam (PARAMS="Runtime=python3.13 Architecture=arm64")
	$(BIN)/sam build $(if $(PARAMS),--parameter-overrides $(PARAMS))

openapi: setup ## write the OpenAPI document anew from the handlers
	@exec $(BIN)/python -m local.openapi

lock: setup ## resolve requirements anew, with hashes
	@exec $(BIN)/python -m local.lock

clean: ## delete the venvs, builds, caches and the laptop stack's data
	rm -rf .venv .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis
