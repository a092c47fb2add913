# The index of everything that can be done with this repository. A machine needs Node 20, npm and Go; Debian packages
# for real nodes are installed when they are missing.
NODE := node_modules/.bin/node
CLUSTER := hack/cluster/cluster
STAMP := node_modules/.installed

NAME ?= dev
NODES ?= 3
PROVIDER ?= local
PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: help deps cluster down test demo kind-demo lint typecheck generate verify image package install uninstall bench bench-scale e2e-kubernetes

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): package-lock.json
	@command -v npm >/dev/null || { echo 'npm is missing: install Node 20 or newer with npm' >&2; exit 1; }
	npm ci --loglevel=error
	@touch $@

deps: $(STAMP) ## install npm packages and what local clusters need from the system
	@$(CLUSTER) prepare

cluster: $(STAMP) ## bring a local Kubernetes cluster up (NAME=dev NODES=3 PROVIDER=local|kind)
	@$(CLUSTER) up --name $(NAME) --nodes $(NODES) --provider $(PROVIDER)

down: $(STAMP) ## remove all local clusters of this checkout
	@$(CLUSTER) down --all

test: $(STAMP) ## run all tests, on real clusters
	@npm test

demo: $(STAMP) ## show it all at work on a local cluster
	@$(NODE) hack/demo/demo.ts

# All that needs a network comes first: the engine that with-docker brings where none runs has none.
kind-demo: $(STAMP) ## the same with kind, beside a Docker engine of its own where none runs
	@$(CLUSTER) prepare --provider kind
	@$(CLUSTER) build helm
	@$(NODE) hack/images/build.ts teeworlds trainer operator >/dev/null
	@hack/cluster/with-docker $(NODE) hack/demo/demo.ts --provider kind

lint: $(STAMP) ## check style and rules
	@npm run --silent lint

typecheck: $(STAMP) ## check types
	@npm run --silent typecheck

generate: $(STAMP) ## make all generated files anew
	@npm run --silent generate

verify: generate ## fail when generated files differ from what is committed
	@git diff --exit-code
	@untracked=$$(git ls-files --others --exclude-standard); \
	  [ -z "$$untracked" ] || { echo "not committed: $$untracked" >&2; exit 1; }

image: $(STAMP) ## build the container images as archives
	@$(NODE) hack/images/build.ts

package: $(STAMP) ## pack the command line for npm, in dist
	@$(NODE) hack/package.ts

install: $(STAMP) ## install the commands proffer and kubectl-proffer, which need Node 24 (PREFIX=/usr/local)
	@npm install --global --offline --loglevel=error --prefix $(PREFIX) $$($(NODE) hack/package.ts)

uninstall: ## remove them again (PREFIX=/usr/local)
	@npm uninstall --global --loglevel=error --prefix $(PREFIX) proffer

bench: $(STAMP) ## measure
	@$(NODE) bench/first.ts

bench-scale: $(STAMP) ## measure at 5,000 nodes and 50,000 Pods, which takes ten minutes
	@$(NODE) bench/scale.ts --nodes 5000 --pods 50000 --peer 10000

e2e-kubernetes: $(STAMP) ## run Kubernetes' own scheduling tests with Proffer as the scheduler (ARGS="--focus REGEXP")
	@$(NODE) hack/e2e-kubernetes/run.ts $(ARGS)
