# Bare `make` lists the targets. Everything runs on the Bun that package.json pins; any Bun of that version, or npx, installs it.
BUN := node_modules/.bin/bun
# HELP=1 prints the help of a target: make load HELP=1
CLI = $(BUN) cli/main.ts $@ $(if $(HELP),--help)
BUN_VERSION := $(shell sed -n 's/.*"bun": "\([0-9.]*\)".*/\1/p' package.json)
INSTALLER := $(if $(filter $(BUN_VERSION),$(shell bun --version 2>/dev/null)),bun,$(if $(shell command -v npx),npx --yes bun@$(BUN_VERSION)))
# Variables of make's command line, without those of make itself. setup refuses those that no target reads, and names the others.
GIVEN = $(filter-out BUN CLI BUN_VERSION INSTALLER SHELL,$(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name))))

.DEFAULT_GOAL := help
.PHONY: help setup programs grafana demo up down status links alerts load scale fault drill cluster cluster-down deploy undeploy \
  cloud-up cloud-deploy cloud-links cloud-drill cloud-down \
  monitoring forward grafana-password image dev test prove e2e dashboards bench bench-demo mutate lint format typecheck build rename generate clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-17s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: node_modules/.installed ## Install Bun and the packages, as bun.lock pins them
	@$(BUN) cli/main.ts variables $(MAKECMDGOALS) / $(GIVEN)

node_modules/.installed: package.json bun.lock bunfig.toml
	$(if $(INSTALLER),$(INSTALLER) install --frozen-lockfile && touch $@,$(error install Node.js with npm (https://nodejs.org) or Bun $(BUN_VERSION) (https://bun.com), then try again))

programs: setup ## Install the programs that PATH lacks (PROGRAMS="promtool k6")
	@$(CLI)

grafana: setup ## Download Grafana (457 MB) into the cache; make up then starts it
	@$(CLI)

demo: setup ## Run the overload drill on this machine: overload, alerts, scaling, report; two minutes (REPLICAS=3 SEED=1 KEEP=1)
	@$(CLI)

up: setup ## Start the service and its monitoring (PORT=3000 PROMETHEUS_PORT=9090 …; make up HELP=1)
	@$(CLI)

down: setup ## Stop the service and its monitoring
	@$(CLI)

status: setup ## Show what runs, and whether it is healthy
	@$(CLI)

links: setup ## Show the addresses of the API, Swagger UI, Prometheus, Alertmanager and Grafana
	@$(CLI)

alerts: setup ## Show which alerts are pending or firing, and which were delivered (LAST=20)
	@$(CLI)

load: setup ## Load the service with k6 (SCENARIO=smoke|load|stress|spike|soak|breakpoint RATE= DURATION= SEED=)
	@$(CLI)

scale: setup ## Change the number of replicas (REPLICAS=3)
	@$(CLI)

fault: setup ## Cause a fault in a service that runs with FAULTS=on (FAULT=crash|exception|status/503|block/2000|…)
	@$(CLI)

drill: setup ## Run a drill: cause a fault, and see the alerts fire, arrive and resolve (DRILL=overload|autoscale|all|daily|ALERT REPLICAS=3)
	@$(CLI)

cluster: setup ## Make a local cluster with a registry, by ctlptl and kind
	@$(CLI)

cluster-down: setup ## Delete the local cluster
	@$(CLI)

deploy: setup ## Deploy the release image and the monitoring to the cluster (CHARTS=off GRAFANA=off)
	@$(CLI)

undeploy: setup ## Remove the service and the monitoring from the cluster
	@$(CLI)

cloud-up: setup ## Create a cluster with one node in Google Cloud; it costs money (PROJECT= ZONE= SPOT=1 DRY_RUN=1)
	@$(CLI)

cloud-deploy: setup ## Deploy the release image and the monitoring to it (PROJECT= ZONE= PROFILE=drill)
	@$(CLI)

cloud-links: setup ## Show the addresses there (PROJECT= ZONE=)
	@$(CLI)

cloud-drill: setup ## Run a drill there (PROJECT= ZONE= DRILL=overload)
	@$(CLI)

cloud-down: setup ## Delete all of it, and show what is left (PROJECT= ZONE=)
	@$(CLI)

monitoring: setup ## Install or update Prometheus, blackbox_exporter and Grafana by Helm (ONLY=grafana PROFILE=drill)
	@$(CLI)

forward: setup ## Forward Prometheus, Alertmanager, Grafana and the API of the cluster to this machine (ONLY=grafana)
	@$(CLI)

grafana-password: setup ## Print the password of Grafana's user admin
	@$(CLI)

image: setup ## Build the release image, and print its size
	@$(CLI)

dev: setup ## Run the service from source and reload it on changes (variables: make dev PORT=3001 FAULTS=on)
	READINESS_DELAY_SECONDS=0 $(BUN) --no-env-file dev/watch.ts src $(BUN) src/main.ts

test: setup ## Check style and types, and run the quick tests: units, sockets, rules, dashboards, browser
	@$(CLI)

prove: setup ## Run the slow tests: drills, overload, kills, hostile clients, supervisor, mutations, k6
	@$(CLI)

e2e: setup ## Run the tests on a cluster: dev loop, drills, rollouts without a lost request
	@$(CLI)

dashboards: setup ## Run every query of every dashboard on the Prometheus that is up, and print the answers
	@$(CLI)

bench: setup ## Measure what metrics, request ids and logs cost (ROUNDS=9 SECONDS=2)
	@$(CLI)

bench-demo: setup ## Run make demo often, on an idle machine and on a busy one, and print a table (RUNS=10)
	@$(CLI)

mutate: setup ## Change the rules, one thing at a time, and check that their tests notice (five minutes; RULE=HighLatency)
	@$(CLI)

lint: setup ## Check style, dependencies and unused code
	$(BUN) x biome check --error-on-warnings . && $(BUN) x knip

format: setup ## Format, and fix what can be fixed safely
	$(BUN) x biome check --write .

typecheck: setup ## Check the types
	$(BUN) x tsc

build: setup ## Compile the service to one binary: dist/tipping-point
	$(BUN) run build src/main.ts --outfile dist/tipping-point

rename: setup ## Rename the service, for one of your own (NAME=shop-api TITLE="Shop API" REPOSITORY=https://…)
	@$(CLI)

generate: setup ## Generate rules, dashboards, Helm values and reference pages from the source
	@$(CLI)

clean: ## Remove what was installed and built here
	rm -rf node_modules dist coverage .stack
