# The only set-up a person needs: `make quickstart` and `make test` install the Debian packages they lack.

SWIFT ?= swift
# Which build `make test` uses: debug compiles faster, release runs numeric tests faster.
#   make test TEST_CONFIGURATION=release
TEST_CONFIGURATION ?= debug
# More arguments for `swift test`, for instance: make test TEST_ARGUMENTS='--filter Layering'
TEST_ARGUMENTS ?=

TEST_FLAGS_debug =
TEST_FLAGS_release = -c release -Xswiftc -enable-testing
TEST_FLAGS = $(TEST_FLAGS_$(TEST_CONFIGURATION))

DEBIAN_PACKAGES = libopenblas-dev libicu-dev libdnnl-dev zlib1g-dev

.DEFAULT_GOAL := help
.PHONY: help quickstart build test fuzz kills deps clean

help:
	@echo 'make quickstart   build, then pretrain, fine-tune and stress-test a small model (a few minutes)'
	@echo 'make build        build the release executable, .build/release/graft'
	@echo 'make test         build and run all tests'
	@echo 'make fuzz         feed the tokenizer with inputs that look for crashes, FUZZ_SECONDS each'
	@echo 'make kills        kill training at random moments, KILLS times, and compare with runs that were not killed'
	@echo 'make deps         install the Debian packages that are missing: $(DEBIAN_PACKAGES)'
	@echo 'make clean        remove what was built'

quickstart: build
	.build/release/graft quickstart

build: deps
	$(SWIFT) build -c release --product graft

test: deps
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	$(SWIFT) test --skip-build $(TEST_FLAGS) $(TEST_ARGUMENTS)

# How many seconds `make fuzz` spends on each fuzzer, and where it keeps the inputs that reach something new.
FUZZ_SECONDS ?= 60
FUZZ_FOLDER ?= runs/fuzz
FUZZERS = FuzzTokenizer FuzzEncoding

fuzz: deps
	$(SWIFT) build --package-path Tests/Fuzzing -c release -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
	for fuzzer in $(FUZZERS); do \
	  mkdir -p $(FUZZ_FOLDER)/$$fuzzer && \
	  Tests/Fuzzing/.build/release/$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -artifact_prefix=$(FUZZ_FOLDER)/$$fuzzer- $(FUZZ_FOLDER)/$$fuzzer Tests/Fuzzing/Seeds || exit 1; \
	done

# How many processes `make kills` kills, and by which random numbers.
KILLS ?= 100
KILLS_SEED ?= 0

kills: build
	python3 Tests/Reliability/kills.py --graft .build/release/graft --kills $(KILLS) --seed $(KILLS_SEED)

# Does nothing if all are there. Without dpkg (not Debian) it only says what is needed: the build itself
# shows whether the libraries are there under other names.
deps:
	@missing=''; \
	if ! command -v dpkg-query >/dev/null 2>&1; then \
	  echo 'deps: this is no Debian system; Graft needs the development files of' >&2; \
	  echo 'deps: OpenBLAS, ICU, oneDNN and zlib, under whatever names they have here' >&2; \
	  exit 0; \
	fi; \
	for package in $(DEBIAN_PACKAGES); do \
	  case "$$(dpkg-query -W -f='$${Status}' "$$package" 2>/dev/null)" in \
	    *' installed') ;; \
	    *) missing="$$missing $$package" ;; \
	  esac; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null 2>&1; then \
	  echo "deps: missing:$$missing; there is no apt-get here, so please install them yourself" >&2; \
	  exit 1; \
	fi; \
	sudo=''; \
	if [ "$$(id -u)" -ne 0 ]; then \
	  if ! command -v sudo >/dev/null 2>&1; then \
	    echo "deps: missing:$$missing; please run as root: apt-get install -y$$missing" >&2; \
	    exit 1; \
	  fi; \
	  sudo=sudo; \
	fi; \
	echo "deps: installing$$missing with apt-get$${sudo:+ (through sudo)}"; \
	$$sudo apt-get update -q && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing

clean:
	$(SWIFT) package clean
