# Bare `make` lists the targets. Everything runs on the Bun that package.json pins; any Bun of that version, or npx, installs it.
BUN := node_modules/.bin/bun
BUN_VERSION := $(shell sed -n 's/.*"bun": "\([0-9.]*\)".*/\1/p' package.json)
INSTALLER := $(if $(filter $(BUN_VERSION),$(shell bun --version 2>/dev/null)),bun,$(if $(shell command -v npx),npx --yes bun@$(BUN_VERSION)))
# Variables of make's command line, but for those of make itself: setup refuses those that no target has, and names the others.
GIVEN = $(filter-out BUN BUN_VERSION INSTALLER SHELL,$(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name))))

.DEFAULT_GOAL := help
.PHONY: help setup programs grafana demo up down status links load scale fault drill cluster cluster-down deploy undeploy \
  monitoring forward grafana-password image dev test prove e2e dashboards bench bench-demo mutate lint format typecheck build generate clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-17s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: node_modules/.installed ## Install Bun and the packages, as bun.lock pins them
	@$(BUN) cli/variables.ts $(MAKECMDGOALS) -- $(GIVEN)

node_modules/.installed: package.json bun.lock bunfig.toml
	$(if $(INSTALLER),$(INSTALLER) install --frozen-lockfile && touch $@,$(error install Node.js with npm (https://nodejs.org) or Bun $(BUN_VERSION) (https://bun.com), then try again))

programs: PROGRAMS ?= promtool prometheus alertmanager node_exporter blackbox_exporter k6
programs: setup ## Install the programs that are used, where PATH has none (PROGRAMS="promtool k6")
	@$(BUN) cli/programs.ts $(PROGRAMS)

grafana: setup ## Put Grafana into the cache (457 MB to download), for make up to start
	@$(BUN) cli/programs.ts grafana

demo: setup ## All of it on this machine, in three minutes: overload, alerts, scale, report (REPLICAS=3 SEED=1 KEEP=1)
	@PLATFORM=local $(BUN) cli/drill.ts overload --own

up: setup ## Bring up the service and what watches it (PORT=3000 PROMETHEUS_PORT=9090 …; make up HELP=1)
	@$(BUN) cli/stack.ts $(if $(HELP),--help,up)

down: setup ## Take it all down
	@$(BUN) cli/stack.ts down

status: setup ## Say what runs, and how it is
	@$(BUN) cli/stack.ts status

links: setup ## Say where the API, Swagger UI, Prometheus and Alertmanager are
	@$(BUN) cli/stack.ts links

load: setup ## Load what is up by k6 (SCENARIO=smoke|load|stress|spike|soak|breakpoint RATE= DURATION= SEED=)
	@$(BUN) cli/stack.ts load

scale: setup ## Scale what is up (REPLICAS=3)
	@$(BUN) cli/stack.ts scale

fault: setup ## Break what is up on purpose, where it runs with FAULTS=on (FAULT=crash|exception|status/503|block/2000|…)
	@$(BUN) cli/stack.ts fault

drill: setup ## Prove that alerts fire, on what is up or on a stack of its own (DRILL=overload|autoscale|all|daily|ALERT REPLICAS=3)
	@$(BUN) cli/drill.ts $(DRILL)

cluster: setup ## Make a local cluster with a registry, by ctlptl and kind
	@$(BUN) cli/cluster.ts cluster

cluster-down: setup ## Remove it
	@$(BUN) cli/cluster.ts cluster-down

deploy: setup ## Build the release image and deploy it to the cluster, with Prometheus and Grafana (CHARTS=off GRAFANA=off)
	@$(BUN) cli/cluster.ts deploy

undeploy: setup ## Remove all of it from the cluster
	@$(BUN) cli/cluster.ts undeploy

monitoring: setup ## Install or update Prometheus, blackbox_exporter and Grafana by Helm (ONLY=grafana PROFILE=drill)
	@$(BUN) cli/cluster.ts monitoring $(ONLY)

forward: setup ## Forward Prometheus, Alertmanager, Grafana and the API of the cluster to this machine (ONLY=grafana)
	@$(BUN) cli/cluster.ts forward $(ONLY)

grafana-password: setup ## Print the password of Grafana's user admin
	@$(BUN) cli/cluster.ts grafana-password

image: setup ## Build the release image, and say what it is made of
	@$(BUN) cli/cluster.ts image

dev: setup ## Run the service from source and reload it on changes (variables: make dev PORT=3001 FAULTS=on)
	READINESS_DELAY_SECONDS=0 $(BUN) --no-env-file dev/watch.ts src $(BUN) src/main.ts

test: setup ## Check style and types, and run the tests that take no real time: units, sockets, rules, dashboards, browser
	@$(BUN) cli/tiers.ts test

prove: setup ## Run the tests that are real: drills, overload, kills, hostile clients, supervisor, mutations, k6
	@$(BUN) cli/tiers.ts prove

e2e: setup ## Prove all of it on the cluster at hand: dev loop, drills, rollouts that lose nothing
	@$(BUN) cli/e2e.ts

dashboards: setup ## Ask the Prometheus that is up for every query of every dashboard, and print what it answers
	@$(BUN) cli/dashboards.ts

bench: setup ## What metrics, ids and logs cost, against the same application without them (ROUNDS=9 SECONDS=2)
	@$(BUN) cli/bench.ts

bench-demo: setup ## Run make demo often, on the idle machine and beside busy processes, and print a table (RUNS=10)
	@$(BUN) bench/demo.ts

mutate: setup ## Change the rules, one thing at a time, and see that their tests notice (five minutes; RULE=HighLatency)
	@$(BUN) cli/mutate.ts

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
