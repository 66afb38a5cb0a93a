# Bare `make` lists the targets. Everything runs on the Bun that package.json pins; any Bun of that version, or npx, installs it.
BUN := node_modules/.bin/bun
BUN_VERSION := $(shell sed -n 's/.*"bun": "\([0-9.]*\)".*/\1/p' package.json)
INSTALLER := $(if $(filter $(BUN_VERSION),$(shell bun --version 2>/dev/null)),bun,$(if $(shell command -v npx),npx --yes bun@$(BUN_VERSION)))

.DEFAULT_GOAL := help
.PHONY: help setup programs dev test lint format typecheck build generate clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: node_modules/.installed ## Install Bun and the packages, as bun.lock pins them

node_modules/.installed: package.json bun.lock bunfig.toml
	$(if $(INSTALLER),$(INSTALLER) install --frozen-lockfile && touch $@,$(error install Node.js with npm (https://nodejs.org) or Bun $(BUN_VERSION) (https://bun.com), then try again))

programs: setup ## Install the programs that the tests use, where PATH has none: promtool, prometheus, k6
	@$(BUN) platforms/cli.ts promtool prometheus k6

dev: setup ## Run the service from source and reload it on changes (variables: make dev PORT=3001 FAULTS=on)
	READINESS_DELAY_SECONDS=0 $(BUN) --watch --no-clear-screen src/main.ts

test: setup lint typecheck programs ## Run every check and test: lint, types, units, sockets, rules, Prometheus, overload, browser
	$(BUN) test --coverage

lint: setup ## Check style, dependencies and unused code
	$(BUN) x biome check --error-on-warnings . && $(BUN) x knip

format: setup ## Format, and fix what can be fixed safely
	$(BUN) x biome check --write .

typecheck: setup ## Check the types
	$(BUN) x tsc

build: setup ## Compile the service to one binary: dist/tipping-point
	$(BUN) run build src/main.ts --outfile dist/tipping-point

generate: setup ## Generate the rules from monitoring/
	$(BUN) monitoring/generate.ts

clean: ## Remove what was installed and built here
	rm -rf node_modules dist coverage
