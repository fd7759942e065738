# Copyright 2026 The Harmony Authors
# SPDX-License-Identifier: Apache-2.0

SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := bin
MODULES := . localkube
FUZZTIME ?= 30s
FUZZ := \
	./fleet/agent/config:FuzzLoad \
	./fleet/agent:FuzzReceive \
	./fleet/callout/token:FuzzVerify \
	./fleet/callout:FuzzQuestion \
	./fleet/callout:FuzzWhatAClientShows \
	./fleet/contract:FuzzDecodeCommand \
	./fleet/contract:FuzzDecodeHeartbeat \
	./fleet/contract:FuzzDecodeJoinRequest \
	./fleet/contract:FuzzDecodePingArgs \
	./fleet/contract:FuzzDecodePingReply \
	./fleet/contract:FuzzDecodeRotateRequest \
	./fleet/contract:FuzzFleetMessages \
	./fleet/contract:FuzzParseDeviceID \
	./fleet/contract:FuzzTheWalkSeesWhatTheTokensOfJSONSay \
	./fleet/issuer:FuzzAskingWithoutRights \
	./fleet/issuer:FuzzToken \
	./fleet/operator/bus:FuzzFetch \
	./fleet/operator:FuzzWhatADeviceSays

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Set up everything, start a real Kubernetes, deploy a fleet on it, and look after a device of it
	@go build -o $(BIN)/ ./fleet/demo
	@$(BIN)/localkube up
	@$(BIN)/harmony-fleet-deploy all --topology local --device demo-1 --device-port 30422 --issuer-port 30423 --device-host \
		$$($(BIN)/localkube kubectl get nodes --output=jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}')
	@$(BIN)/demo up
	@echo
	@echo "Try:  $(BIN)/harmony-fleet-deploy list                        what can be deployed, and where"
	@echo "      $(BIN)/harmony-fleet-deploy verify --topology local     does it still work?"
	@echo "      export KUBECONFIG=\$$($(BIN)/localkube kubeconfig)         for harmony-fleet"
	@echo "      $(BIN)/harmony-fleet logs home-1 --follow             what the device's workload says"
	@echo "      $(BIN)/localkube kubectl get pods --all-namespaces      the cluster itself"
	@echo "      make down                                          take everything away again"

down: build ## Take the demo's device and cluster away, with all that is on them
	@go run ./fleet/demo down
	@$(BIN)/localkube down

setup: ## Install what this machine lacks (says what), as root
	@scripts/setup.sh

build: setup ## Build the programs into ./bin
	@mkdir -p $(BIN)
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o $(BIN)/ ./cmd/...
	@cd localkube && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o ../$(BIN)/ ./cmd/localkube

lint: ## Run all that checks the code without running it: the rules of the house, the linters
	@go run ./internal/lint

lint-proof: ## Inject one violation of each rule into a copy of this repository and see each one caught
	@go run ./internal/lint/proof

test: build lint lint-proof ## Set up everything, check the rules, and run all tests, those on a real Kubernetes too
	@$(BIN)/localkube build
	@trap 'for c in "" -audited -faults; do $(BIN)/localkube down --name "$${HARMONY_LOCAL_NAME:-harmony-test}$$c"; done' EXIT; \
		HARMONY_NEEDS=$${HARMONY_NEEDS-$$([ "$$(id -u)" = 0 ] && echo all)} go run ./internal/testreport $(MODULES)

fuzz: ## Try each fuzz target with arbitrary input, for FUZZTIME (30s); make test runs their seeds alone
	@set -e; for t in $(FUZZ); do echo "$$t"; go test -run '^$$' -fuzz "^$${t#*:}$$" -fuzztime $(FUZZTIME) "$${t%:*}"; done

pages: build ## Type every command line of the documentation, page by page, each on an empty cluster
	@HARMONY_NEEDS=all HARMONY_PAGES=all go test -count=1 -timeout 60m -v ./internal/house/e2e

plan-proof: build ## Show promise by promise that plans, drift and exports keep what is said of them
	@trap 'for c in "" -audited; do $(BIN)/localkube down --name "$${HARMONY_LOCAL_NAME:-harmony-test}$$c"; done' EXIT; \
		go run ./internal/planproof

faults: build ## Break one thing at a time in a deploy, and see its cause named; let others heal late
	@go run ./fleet/e2e/faults/run

conformance: build ## Hold a whole fleet with an issuer to what every Score promises; make test does so for one with passwords
	@$(BIN)/localkube build
	@trap '$(BIN)/localkube down --name "$${HARMONY_LOCAL_NAME:-harmony-test}"' EXIT; HARMONY_NEEDS=all HARMONY_CONFORMANCE=all \
		go test -count=1 -timeout 60m -run '^TestAWholeFleetKeepsWhatEveryScorePromises$$' -v ./fleet/deploy | grep -E '^ *--- |^ok|^FAIL|_test\.go'; exit $${PIPESTATUS[0]}

fleet-faults: build ## Break a running fleet, one fault at a time, and see that nothing is lost; RUN=NAME for some, SEED=N for the same again
	@$(BIN)/localkube build
	@HARMONY_NEEDS=all HARMONY_FLEET_FAULTS='$(or $(RUN),.)' HARMONY_FLEET_FAULTS_SEED='$(SEED)' \
		go test -count=1 -parallel 6 -timeout 30m -run '^TestFleetFaults$$' -v ./fleet/e2e/fleetfaults | \
		grep --line-buffered -E '^(SEED|CASE|[0-9]+ passed|--- FAIL|FAIL|    [a-z]+_test\.go)'; exit $${PIPESTATUS[0]}

permission-matrix: ## Try on a real server what a device must not do: each refused to it, and done by its rightful user
	@go test -count=1 -run '^TestPermissionMatrix$$' -v ./fleet/callout | grep -E '^(CASE|[0-9]+ passed|--- FAIL|FAIL|    )'; exit $${PIPESTATUS[0]}

bench-diagnosis: build ## Measure: who names the cause of a deploy that fails, and when: Harmony, helm, kubectl
	@go run ./fleet/e2e/faults/compare

bench-first: build ## Measure: cluster start, warm and no-op deploy, the agent's size and memory
	@go run ./fleet/bench first

bench-plan: build ## Measure: plans, against kubectl diff of the same objects
	@go run ./fleet/bench plan

bench-fleet: build ## Measure: rollouts to 15,000 and 50,000 simulated devices, beside a bare NATS; the operator's memory and restart
	@go run ./fleet/bench fleet $(BENCH_FLAGS)

bench-identity: build ## Measure: connections with a token beside plain ones, and 8,000 devices that come back after NATS was killed
	@go run ./fleet/bench identity $(BENCH_FLAGS)

.PHONY: help demo down setup build lint lint-proof test fuzz pages plan-proof faults conformance fleet-faults permission-matrix bench-diagnosis bench-first bench-plan bench-fleet bench-identity
