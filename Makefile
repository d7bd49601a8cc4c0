.DEFAULT_GOAL := help
.PHONY: help setup up down status smoke tour reset deploy undeploy test test-all verify generate release-versions format bench fuzz faults images cluster cluster-down \
  test-cluster

# Homebrew keeps its JDK off the PATH.
export PATH := /opt/homebrew/opt/openjdk/bin:/usr/local/opt/openjdk/bin:$(PATH)

BULKHEAD := node packages/cli/bin/bulkhead.js
NODE24 := node_modules/node/bin/node
# $(call sampled,SUITE): if SAMPLE is set, sets ONLY to the parts of the suite that this hash chooses (test/sample).
sampled = $(if $(SAMPLE),ONLY=$$($(NODE24) test/sample/main.ts $(1)) && export ONLY &&)
# Empty for a variable that is empty or 0.
on = $(filter-out 0,$(1))

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what this machine lacks (the others do so by themselves)
	@scripts/setup.sh

up: setup ## start everything and watch for changes (SERVICES=catalog,cart: these and what they need; DETACH=1: in the background; LOGS=1: all logs)
	@exec $(BULKHEAD) up$(if $(SERVICES), --services '$(SERVICES)') $(if $(call on,$(DETACH)),--detach) $(if $(call on,$(LOGS)),--logs)

down: ## stop everything; data stays
	@exec $(BULKHEAD) down

status: ## each service: version, health, CPU, memory, address, store; the runner and the stores; the sum
	@exec $(BULKHEAD) status

smoke: ## try the main job of each service that runs, through the gateway
	@exec $(BULKHEAD) smoke

tour: ## run the README's tour against a stack that runs
	@scripts/tour.sh

reset: ## forget all data of a stopped stack
	@exec $(BULKHEAD) reset

deploy: setup ## install or upgrade all in the cluster (SERVICE=catalog: one; NAMESPACE, REGISTRY, PULL_SECRET, EXTERNAL_STORES=1); on a cluster of ours with new images
	@scripts/images/provide.sh $(SERVICE)
	@exec $(BULKHEAD) deploy $(SERVICE) --sample $(if $(NAMESPACE),--namespace $(NAMESPACE)) $(if $(REGISTRY),--registry $(REGISTRY)) \
	  $(if $(PULL_SECRET),--pull-secret $(PULL_SECRET)) $(if $(call on,$(EXTERNAL_STORES)),--external-stores)

undeploy: setup ## remove what deploy installed, with its data (NAMESPACE)
	@exec $(BULKHEAD) undeploy $(if $(NAMESPACE),--namespace $(NAMESPACE))

test: setup ## run every test on running stores (SERVICE=catalog: those of one service)
	@npm test --silent -- $(SERVICE)

test-all: ## run every suite whole, on a stack and a cluster of its own (about an hour)
	@.ci/run all

verify: setup ## check types, format, lint, imports, contracts, unused code, generated files, versions, the lock file and charts
	@scripts/verify.sh

generate: setup ## write what the sources determine: openapi.json, contract.json, READMEs of charts, skaffold.yaml
	@npm run --silent generate

release-versions: setup ## raise the version of each service and chart that changed since the last release, and record all in releases.json
	@npm exec -- node scripts/release-versions.ts
	@npm run --silent generate

format: ## format and lint, mending what can be mended
	@npm run --silent format

bench: ## measure beside baselines, into bench/results.json and docs/performance.md (ONLY=gateway: one figure)
	@scripts/setup.sh wrk
	@$(NODE24) bench/main.ts

fuzz: ## send every operation requests made from its OpenAPI, as every kind of caller, on a stack of its own (ONLY='text|text': some; SAMPLE=hash: as CI)
	@scripts/setup.sh venv
	@$(call sampled,fuzz) scripts/fuzz.sh

faults: ## break the order path at every point under a storm of orders, and audit all books (ONLY='text|text': some; SAMPLE=hash: as CI)
	@scripts/setup.sh faketime
	@$(call sampled,faults) $(NODE24) test/faults/main.ts

images: setup ## build every service's image (SERVICE=catalog: one; REGISTRY=...; PUSH=1; NEXT=expand: for tests of upgrades)
	@PUSH="$(call on,$(PUSH))" REGISTRY="$(REGISTRY)" NEXT="$(NEXT)" scripts/images/build.sh $(SERVICE)

cluster: setup ## give a Kubernetes cluster: KUBECONFIG's, kind where Docker answers, else a node of our own (Linux, root)
	@scripts/cluster.sh up

cluster-down: ## take away the cluster that `make cluster` made (KEEP=1: but not its state)
	@scripts/cluster.sh down

test-cluster: setup ## try what is promised of an installation in a cluster, on the one that deploy made (ONLY='text|text': some; SAMPLE=hash: as CI; NAMESPACE)
	@! command -v go >/dev/null || k8s/local/build.sh kubeconform
	@$(call sampled,test-cluster) scripts/test-cluster.sh
