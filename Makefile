# make demo: from nothing to a dozen tasks done by real pods.  make test: everything, on a real API server and a real node.
.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Start a cluster, install the operator, run a dozen tasks in real pods
	@hack/demo.sh

.PHONY: test
test: ## Build and run every test (counts on the last line)
	@hack/test.sh

.PHONY: build
build: ## Build everything; warnings are errors
	dotnet build --nologo

.PHONY: bench
bench: ## Measure what should be fast and small (BENCH="start latency burst restart backlog", else all)
	@dotnet run --configuration Release --project tests/Octopoid.Benchmarks -- $(BENCH)

.PHONY: format
format: ## Put every file into the house's form
	dotnet format

.PHONY: cluster-up
cluster-up: ## Start the local cluster (OCTOPOID_CLUSTER=auto|local|k3s|kubeconfig)
	@hack/cluster.sh up

.PHONY: cluster-down
cluster-down: ## Stop the operator of the demo and the cluster; nothing is left behind
	@hack/operator.sh stop
	@hack/cluster.sh down

.PHONY: clean
clean: cluster-down ## Also remove what was built (not the cache)
	dotnet clean --nologo --verbosity quiet
	find . -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
