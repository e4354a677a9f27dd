# The only set-up a person needs: `make quickstart` and `make test` install the Debian packages they lack.

SWIFT ?= swift
# Which build `make test` uses: debug compiles faster, release runs numeric tests faster.
#   make test TEST_CONFIGURATION=release
TEST_CONFIGURATION ?= debug
# More arguments for `swift test`, for instance: make test TEST_ARGUMENTS='--filter Layering'
TEST_ARGUMENTS ?= $(TEST_ARGUMENTS_$(TEST_SANITIZER))

# A sanitizer that the tests run under, address or thread, in a build of its own: make test TEST_SANITIZER=address
# It is a release build unless TEST_CONFIGURATION says otherwise: what allocates much takes minutes in a debug build.
TEST_SANITIZER ?=
ifneq ($(TEST_SANITIZER),)
ifeq ($(filter $(TEST_SANITIZER),address thread),)
$(error TEST_SANITIZER is '$(TEST_SANITIZER)': address and thread are known)
endif
ifeq ($(origin TEST_CONFIGURATION),file)
TEST_CONFIGURATION = release
endif
endif

TEST_FLAGS_debug =
TEST_FLAGS_release = -c release -Xswiftc -enable-testing
SANITIZER_FLAGS = $(if $(TEST_SANITIZER),--sanitize $(TEST_SANITIZER) --scratch-path .build-$(TEST_SANITIZER))
TEST_FLAGS = $(TEST_FLAGS_$(TEST_CONFIGURATION)) $(SANITIZER_FLAGS)
# Threads meet in training, in the executor of shards and in bulk encoding.
TEST_ARGUMENTS_thread = --filter 'TrainingTests|InferenceTests|ShardExecutor|TokenizationTests.StreamTests|ReportingTests'
# Leaks are not looked for: what the Swift runtime and the matrix libraries keep for good counts as one. Few frames of
# each allocation are kept, which is twice as fast.
TEST_ENVIRONMENT_address = ASAN_OPTIONS=detect_leaks=0:malloc_context_size=3
TEST_ENVIRONMENT_thread = TSAN_OPTIONS=halt_on_error=0:exitcode=66

DEBIAN_PACKAGES = libopenblas-dev libicu-dev libdnnl-dev zlib1g-dev
# Loaded by what mpirun starts alone (Docs/DISTRIBUTED.md), without which the tests with several processes are skipped, and
# by what reads compressed Parquet (Docs/DATA.md).
TEST_PACKAGES = openmpi-bin libsnappy1v5 libzstd1 liblz4-1 libbrotli1

.DEFAULT_GOAL := help
.PHONY: help quickstart build install resources test test-tiny test-plugin docs fuzz hostile kills kills-of-ranks format lint deps clean

help:
	@echo 'make quickstart   build, then pretrain, fine-tune and stress-test a small model (a few minutes)'
	@echo 'make build        build the release executable, .build/release/graft'
	@echo 'make install      build an executable that needs no Swift to run, and copy it to PREFIX/bin ($(PREFIX)/bin)'
	@echo 'make test         build and run all tests'
	@echo 'make test-tiny    those of them that take seconds together'
	@echo 'make test-plugin  build the package that graft new plugin writes, test it and try its program'
	@echo 'make docs         the public declarations of the library targets as web pages, in $(DOCUMENTATION)'
	@echo 'make fuzz         feed every reader with inputs that look for crashes, FUZZ_SECONDS each'
	@echo 'make hostile      run the executable on HOSTILE_CASES damaged files and odd arguments'
	@echo 'make kills        kill training at random moments, KILLS times, and compare with runs that were not killed'
	@echo 'make kills-of-ranks  the same with ranks under mpirun, RANK_KILLS times'
	@echo 'make format       write every Swift file as .swift-format says'
	@echo 'make lint         look for what is not written so, for long comments and for missing doc comments'
	@echo 'make resources    list the files of Tasks and Checkpoints that become part of the executable anew'
	@echo 'make deps         install the Debian packages that are missing: $(DEBIAN_PACKAGES)'
	@echo 'make clean        remove what was built'

quickstart: build
	.build/release/graft quickstart

# `graft --version` and every run.json name the commit. It reaches the build through the environment, where Package.swift
# reads it, so that another commit costs the compilation of one small file.
GRAFT_COMMIT = $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null)
WITH_COMMIT = env $(if $(GRAFT_COMMIT),GRAFT_COMMIT=$(GRAFT_COMMIT))

build: deps
	$(WITH_COMMIT) $(SWIFT) build -c release --product graft

# Where `make install` puts the executable, in $(PREFIX)/bin, and its manual pages, in $(PREFIX)/share/man. Swift's runtime is linked into it, in a build of its own
# beside .build; tasks and presets are in it anyway. OpenBLAS and oneDNN are loaded when it runs, ICU and zlib are linked
# from the system.
PREFIX ?= /usr/local
INSTALL_BUILD = .build-install

install: deps
	$(WITH_COMMIT) $(SWIFT) build -c release --product graft --static-swift-stdlib --scratch-path $(INSTALL_BUILD)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(INSTALL_BUILD)/release/graft $(DESTDIR)$(PREFIX)/bin/graft
	$(INSTALL_BUILD)/release/graft manual --output $(DESTDIR)$(PREFIX)/share/man/man1

# The compiler is told by each entry that it depends on the file.
resources:
	(find Tasks Checkpoints/presets Checkpoints/recipes Checkpoints/transformers -type f ! -name '*.md'; \
	  find Checkpoints/models -mindepth 2 -type f) | LC_ALL=C sort | awk '{ \
	    name = $$0; gsub(/[^A-Za-z0-9]/, "_", name); \
	    print "#if !__has_include(\"" $$0 "\")\n#error \"" $$0 " is gone: run make resources\"\n#endif"; \
	    print "RESOURCE(" name ", \"" $$0 "\")" }' >Sources/CResources/files.list

test: DEBIAN_PACKAGES += $(TEST_PACKAGES)
test: deps
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	$(TEST_ENVIRONMENT_$(TEST_SANITIZER)) $(SWIFT) test --skip-build $(TEST_FLAGS) $(TEST_ARGUMENTS)

# The tests without the tags slow, process and data.
test-tiny: deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip "$$(awk -f Tests/tiny.awk Tests/*Tests/*.swift Tests/Fuzzing/Sources/Readers/*.swift)"

# The package that `graft new plugin` writes, with the build of the last time.
PLUGIN = .build/plugin/my-graft
PLUGIN_BUILD = .build/plugin-build

test-plugin: deps
	$(SWIFT) build --product graft
	rm -rf $(PLUGIN)
	.build/debug/graft new plugin $(PLUGIN) --graft .
	$(SWIFT) format lint --strict --recursive --configuration .swift-format $(PLUGIN)
	$(SWIFT) build --package-path $(PLUGIN) --scratch-path $(PLUGIN_BUILD) --build-tests
	$(SWIFT) test --package-path $(PLUGIN) --scratch-path $(PLUGIN_BUILD) --skip-build
	Tests/Plugin/check.sh $(PLUGIN_BUILD)/debug/my-graft

# The catalogues of the targets (Sources/*/*.docc) with their public declarations, as one archive of web pages.
DOCUMENTATION = .build/documentation

docs: deps
	$(SWIFT) package dump-symbol-graph --minimum-access-level public
	rm -rf $(DOCUMENTATION)
	@set -e; for catalogue in Sources/*/*.docc; do \
	  target=$$(basename $$catalogue .docc); graphs=$(DOCUMENTATION)/graphs/$$target; mkdir -p $$graphs; \
	  find .build/*/symbolgraph -name "$$target.symbols.json" -exec cp {} $$graphs \;; \
	  find .build/*/symbolgraph -name "$$target@*.symbols.json" -exec cp {} $$graphs \;; \
	  docc convert $$catalogue --additional-symbol-graph-dir $$graphs --fallback-display-name $$target \
	    --fallback-bundle-identifier graft.$$target --output-path $(DOCUMENTATION)/$$target.doccarchive 2>&1 \
	    | awk -v page="$$target.md" 'index($$0, "--> " page) { bad = 1; print line; print } { line = $$0 } END { exit bad }'; \
	done
	docc merge $(DOCUMENTATION)/*.doccarchive --output-path $(DOCUMENTATION)/Graft.doccarchive \
	  --synthesized-landing-page-name Graft --synthesized-landing-page-kind Toolkit
	@echo 'docs: docc preview or any web server shows $(DOCUMENTATION)/Graft.doccarchive'

# How many seconds `make fuzz` spends on each reader, which ones (all by default), and where it keeps the inputs that
# reach something new and those that fail.
FUZZ_SECONDS ?= 20
FUZZ_READERS ?= $$($(FUZZ) list)
FUZZ_FOLDER ?= $(CURDIR)/runs/fuzz
FUZZ = Tests/Fuzzing/.build/release/Fuzz

# Goes on with the other readers after a failure.
fuzz: deps
	$(SWIFT) build --package-path Tests/Fuzzing -c release -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
	@failed=''; \
	for reader in $(FUZZ_READERS); do \
	  mkdir -p $(FUZZ_FOLDER)/$$reader && echo "fuzz: $$reader"; \
	  $(FUZZ) $$reader -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
	    -dict=$(CURDIR)/Tests/Fuzzing/words.dict -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix=$(FUZZ_FOLDER)/$$reader- $(FUZZ_FOLDER)/$$reader $(CURDIR)/Tests/Fuzzing/Seeds/$$reader \
	    >$(FUZZ_FOLDER)/$$reader.log 2>&1 || failed="$$failed $$reader"; \
	  grep -E 'number_of_executed_units|peak_rss_mb' $(FUZZ_FOLDER)/$$reader.log; \
	done; \
	if [ -n "$$failed" ]; then echo "fuzz: failed:$$failed; see $(FUZZ_FOLDER)" >&2; exit 1; fi

# How many damaged inputs and odd arguments `make hostile` puts to the executable, and which ones they are.
HOSTILE_CASES ?= 500
HOSTILE_SEED ?= 1

hostile: build
	python3 Tests/Fuzzing/hostile.py --graft .build/release/graft --cases $(HOSTILE_CASES) --seed $(HOSTILE_SEED)

# How many processes `make kills` kills, and by which random numbers.
KILLS ?= 100
KILLS_SEED ?= 0

kills: build
	python3 Tests/Reliability/kills.py --graft .build/release/graft --kills $(KILLS) --seed $(KILLS_SEED)

# How many ranks `make kills-of-ranks` kills, one of two or four that train together at a time.
RANK_KILLS ?= 30

kills-of-ranks: DEBIAN_PACKAGES += $(TEST_PACKAGES)
kills-of-ranks: build
	python3 Tests/Reliability/rank_kills.py --graft .build/release/graft --kills $(RANK_KILLS) --seed $(KILLS_SEED)

SWIFT_SOURCES = Sources Tests Package.swift

format:
	$(SWIFT) format -i -r $(SWIFT_SOURCES)

lint:
	$(SWIFT) format lint --strict -r $(SWIFT_SOURCES)
	python3 Tests/lint.py

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
