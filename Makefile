# Bare `make` lists the targets. Everything runs on the Bun that package.json pins; any Bun of that version, or npx, installs it.
BUN := node_modules/.bin/bun
BUN_VERSION := $(shell sed -n 's/.*"bun": "\([0-9.]*\)".*/\1/p' package.json)
INSTALLER := $(if $(filter $(BUN_VERSION),$(shell bun --version 2>/dev/null)),bun,$(if $(shell command -v npx),npx --yes bun@$(BUN_VERSION)))

.DEFAULT_GOAL := help
.PHONY: help setup programs demo up down status links load scale drill dev test lint format typecheck build generate clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: node_modules/.installed ## Install Bun and the packages, as bun.lock pins them

node_modules/.installed: package.json bun.lock bunfig.toml
	$(if $(INSTALLER),$(INSTALLER) install --frozen-lockfile && touch $@,$(error install Node.js with npm (https://nodejs.org) or Bun $(BUN_VERSION) (https://bun.com), then try again))

programs: setup ## Install the programs that are used, where PATH has none: Prometheus and its companions, k6
	@$(BUN) platforms/cli.ts promtool prometheus alertmanager node_exporter blackbox_exporter k6

demo: setup ## The whole story on this machine, in five minutes: overload, alerts, scale, report (REPLICAS=2)
	@$(BUN) drills/command.ts overload --own

up: setup ## Bring up the service and what watches it (PORT=3000 PROMETHEUS_PORT=9090 …; make up HELP=1)
	@$(BUN) platforms/command.ts $(if $(HELP),--help,up)

down: setup ## Take it all down
	@$(BUN) platforms/command.ts down

status: setup ## Say what runs, and how it is
	@$(BUN) platforms/command.ts status

links: setup ## Say where the API, Swagger UI, Prometheus and Alertmanager are
	@$(BUN) platforms/command.ts links

load: setup ## Load what is up by k6 (SCENARIO=smoke|load|stress|spike|soak|breakpoint RATE= DURATION= SEED=)
	@$(BUN) platforms/command.ts load

scale: setup ## Scale what is up (REPLICAS=2)
	@$(BUN) platforms/command.ts scale

drill: setup ## Prove that alerts fire, on what is up or on a stack of its own (DRILL=overload REPLICAS=2)
	@$(BUN) drills/command.ts $(DRILL)

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
	rm -rf node_modules dist coverage .stack
