.DEFAULT_GOAL := help
.PHONY: help setup up down status load logs observe smoke tour reset backup restore backup-image deploy undeploy test test-all test-backups test-operations \
  test-dashboards jaeger verify generate release-versions format bench fuzz faults drills images cluster cluster-down test-cluster

# Homebrew does not put its JDK on the PATH.
export PATH := /opt/homebrew/opt/openjdk/bin:/usr/local/opt/openjdk/bin:$(PATH)

BULKHEAD := node packages/cli/bin/bulkhead.js
NODE24 := node_modules/node/bin/node
# $(call sampled,SUITE): if SAMPLE is set, sets ONLY to the parts of the suite that this hash chooses (test/sample).
sampled = $(if $(SAMPLE),ONLY=$$($(NODE24) test/sample/main.ts $(1)) && export ONLY &&)
# Empty if a variable is empty or 0.
on = $(filter-out 0,$(1))

help: ## list all commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what this machine lacks (other commands do this themselves)
	@scripts/setup.sh

up: setup ## start everything and watch for changes (SERVICES=catalog,cart: these and what they need; DETACH=1: in the background; LOAD=1: one shopper a second; LOGS=1: all logs)
	@exec $(BULKHEAD) up$(if $(SERVICES), --services '$(SERVICES)') $(if $(call on,$(DETACH)),--detach) $(if $(call on,$(LOAD)),--load $(LOAD)) $(if $(call on,$(LOGS)),--logs)

down: ## stop everything; data stays
	@exec $(BULKHEAD) down

status: ## each service: version, health, CPU, memory, address, store; whether each store answers; the sum
	@exec $(BULKHEAD) status

load: ## play shoppers against the running stack, with a live summary (RATE=5: journeys a second; DURATION=1m; URL: another gateway)
	@exec $(BULKHEAD) load$(if $(RATE), --rate $(RATE))$(if $(DURATION), --duration $(DURATION))$(if $(URL), --url '$(URL)')

logs: ## print the logs of all services as sentences, ordered by time (SERVICE=catalog: of one; SINCE=10m; LEVEL=warn; TRACE=ID; FOLLOW=1: go on)
	@exec $(BULKHEAD) logs $(SERVICE)$(if $(SINCE), --since $(SINCE))$(if $(LEVEL), --level $(LEVEL))$(if $(TRACE), --trace $(TRACE))$(if $(call on,$(FOLLOW)), --follow)

observe: ## start Prometheus, Alertmanager and the operator's view beside the running stack (DETACH=1: in the background)
	@scripts/setup.sh prometheus prometheus-alertmanager
	@exec $(BULKHEAD) observe$(if $(call on,$(DETACH)), --detach)

smoke: ## test the main job of each running service, through the gateway
	@exec $(BULKHEAD) smoke

tour: ## run the README's tour on the running stack
	@scripts/tour.sh

reset: ## delete all data of a stopped stack
	@exec $(BULKHEAD) reset

backup: setup ## back up all records (SERVICE=orders: one; REPOSITORY=folder or s3:...)
	@scripts/setup.sh restic
	@exec $(BULKHEAD) backup $(or $(SERVICE),all)$(if $(REPOSITORY), --repository '$(REPOSITORY)')

restore: setup ## restore all records of a stopped stack (AT=time or snapshot; SERVICE=orders: one; YES=1: do not ask; REPOSITORY)
	@scripts/setup.sh restic
	@exec $(BULKHEAD) restore $(or $(SERVICE),all)$(if $(AT), --at '$(AT)')$(if $(call on,$(YES)), --yes)$(if $(REPOSITORY), --repository '$(REPOSITORY)')

backup-image: setup ## build the image of the backup jobs in a cluster (REGISTRY=...; PUSH=1)
	@PUSH="$(call on,$(PUSH))" REGISTRY="$(REGISTRY)" scripts/images/backup/build.sh

test-backups: setup ## back up to an S3 server, and back up and restore 1 GiB of orders within limits of speed and memory (SIZE=64: MiB)
	@scripts/setup.sh restic
	@! command -v go >/dev/null || k8s/local/build.sh gofakes3
	@npm exec -- mocha packages/cli/test/backup/s3.test.ts
	@SIZE=$(or $(SIZE),1024) $(NODE24) packages/cli/test/backup/volume.ts

deploy: setup ## install or upgrade everything in the cluster, with new images if make cluster made it (SERVICE=catalog: one; LOAD=1: one shopper a second; NAMESPACE, REGISTRY, PULL_SECRET, EXTERNAL_STORES=1)
	@scripts/images/provide.sh $(SERVICE)
	@$(if $(call on,$(LOAD)),scripts/images/provide.sh load)
	@exec $(BULKHEAD) deploy $(SERVICE) --sample $(if $(NAMESPACE),--namespace $(NAMESPACE)) $(if $(REGISTRY),--registry $(REGISTRY)) \
	  $(if $(PULL_SECRET),--pull-secret $(PULL_SECRET)) $(if $(call on,$(EXTERNAL_STORES)),--external-stores) \
	  $(if $(call on,$(LOAD)),--load $(LOAD))

undeploy: setup ## remove an installation and its data (NAMESPACE)
	@exec $(BULKHEAD) undeploy $(if $(NAMESPACE),--namespace $(NAMESPACE))

test: setup ## run every test, with real stores (SERVICE=catalog: tests of one service)
	@npm test --silent -- $(SERVICE)

test-all: ## run every suite whole, on its own stack and cluster (about 80 minutes)
	@.ci/run all

test-operations: setup ## test traces, logs, alert rules, the observer and backups, each on a stack of its own (ONLY=text: files whose path contains it)
	@scripts/setup.sh prometheus prometheus-alertmanager restic
	@npm exec -- mocha --jobs 2 $$(git ls-files 'test/*.spec.ts' 'packages/*.spec.ts' | grep -F -- "$(ONLY)")

jaeger: setup ## run Jaeger beside the stack until Ctrl-C; builds it the first time (Go)
	@exec scripts/jaeger.sh

verify: setup ## check types, format, lint, imports, contracts, unused code, generated files, versions, the lock file and charts
	@scripts/verify.sh

generate: setup ## write the generated files: openapi.json, contract.json, READMEs of charts, skaffold.yaml, docs/metrics.md
	@npm run --silent generate

release-versions: setup ## raise the version of each service and chart that changed since the last release, and record the versions in releases.json
	@npm exec -- node scripts/release-versions.ts
	@npm run --silent generate

format: ## format and lint, and fix what can be fixed
	@npm run --silent format

bench: ## measure speed and memory, compared with baselines, and write bench/results.json and docs/performance.md (ONLY=gateway: one figure)
	@scripts/setup.sh wrk
	@$(NODE24) bench/main.ts

fuzz: ## send generated requests to every operation, as every kind of caller, on its own stack (ONLY='text|text': some; SAMPLE=hash: as CI)
	@scripts/setup.sh venv
	@$(call sampled,fuzz) scripts/fuzz.sh

faults: ## cause every fault of the order path under a storm of orders, and audit all books (ONLY='text|text': some; SAMPLE=hash: as CI)
	@scripts/setup.sh faketime
	@$(call sampled,faults) $(NODE24) test/faults/main.ts

drills: ## cause faults in services, stores and the event log; check that clients see only the declared effect, that the declared alerts fire, and that all recovers (ONLY='text|text': some)
	@scripts/setup.sh faketime prometheus prometheus-alertmanager
	@$(NODE24) test/drills/main.ts

test-dashboards: ## run the queries of all dashboards against a real Prometheus, with a stack and traffic
	@scripts/setup.sh prometheus
	@exec $(NODE24) test/dashboards/main.ts

images: setup ## build the image of every service (SERVICE=catalog: one; REGISTRY=...; PUSH=1; NEXT=expand: for tests of upgrades)
	@PUSH="$(call on,$(PUSH))" REGISTRY="$(REGISTRY)" NEXT="$(NEXT)" scripts/images/build.sh $(SERVICE)

cluster: setup ## provide a Kubernetes cluster: KUBECONFIG's, else kind if Docker answers, else a local node (Linux, root)
	@scripts/cluster.sh up

cluster-down: ## remove the cluster that make cluster made (KEEP=1: keep its state)
	@scripts/cluster.sh down

test-cluster: setup ## test the installation that make deploy made in a cluster (ONLY='text|text': some; SAMPLE=hash: as CI; NAMESPACE)
	@! command -v go >/dev/null || k8s/local/build.sh kubeconform
	@$(call sampled,test-cluster) scripts/test-cluster.sh
