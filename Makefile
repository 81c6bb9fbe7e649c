# Duelpod. One makefile, everything it makes goes under build/. `make help` lists the targets.

.DEFAULT_GOAL := all
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += --jobs=$(shell nproc)
endif

# ---- what to build, and where -------------------------------------------------------------------
# SANITIZER=address,undefined | thread    instrumented, in a folder of its own
# FAULTS=1                                fault points compiled in: tests kill the process at them
# WERROR=1                                warnings are errors (CI)
CC ?= cc
SANITIZER ?=
FAULTS ?=
WERROR ?=
OPTIMIZE ?= -O2
PREFIX ?= /usr/local

comma := ,
VARIANT := $(if $(SANITIZER),-$(subst $(comma),-,$(SANITIZER)))$(if $(FAULTS),-faults)
OUT ?= build$(if $(VARIANT),/variant$(VARIANT))

PACKAGES := hiredis libuv libwebsockets libcjson libjwt libcrypto uuid inih libdeflate
DEBIAN_BUILD := gcc binutils libc6-dev make pkg-config libhiredis-dev libuv1-dev libwebsockets-dev libwebsockets-evlib-uv \
    libcjson-dev libjwt-dev libssl-dev uuid-dev libinih-dev libdeflate-dev uthash-dev libxxhash-dev redis-server
DEBIAN_TEST := $(DEBIAN_BUILD) clang libcmocka-dev spin patch python3 python3-websockets python3-redis python3-jwt python3-cryptography \
    docker-compose mmdebstrap python3-yaml systemd prometheus prometheus-alertmanager $(if $(shell command -v kubectl),,kubernetes-client) \
    nodejs procps libclang-rt-14-dev qemu-user libc6-dev-i386-cross libc6-dev-arm64-cross libc6-dev-s390x-cross \
    binutils-aarch64-linux-gnu binutils-s390x-linux-gnu
DEBIAN_LINT := $(DEBIAN_TEST) clang-format cppcheck shellcheck lua5.1

# Looked up when first used, because the packages may only just have been installed.
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PACKAGE_CFLAGS)
PACKAGE_LIBS = $(eval PACKAGE_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PACKAGE_LIBS)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef \
            -Wwrite-strings -Wformat=2 -Wvla $(if $(WERROR),-Werror)
HARDENING := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -g $(OPTIMIZE) $(WARNINGS) -I. -I$(OUT)/generated $(PACKAGE_CFLAGS) \
             $(if $(SANITIZER),-fsanitize=$(SANITIZER) -fno-sanitize-recover=undefined -fno-omit-frame-pointer,$(HARDENING)) \
             $(if $(FAULTS),-DDUELPOD_FAULTS) $(CFLAGS)
LDFLAGS_ALL = $(if $(SANITIZER),-fsanitize=$(SANITIZER),-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now) \
              $(LDFLAGS)
LIBS = $(PACKAGE_LIBS) -lpthread -lm

# ---- sources: a file dropped into a folder is built ---------------------------------------------
COMMON_SOURCES := $(wildcard proto/*.c common/*.c)
BATTLE_SOURCES := $(wildcard game_server/battle/*.c)
MATCH_SOURCES := $(filter-out match_server/main.c,$(wildcard match_server/*.c))
GAME_SOURCES := $(filter-out game_server/main.c,$(wildcard game_server/*.c))
CLIENT_PROGRAM_SOURCES := $(wildcard clients/bot*.c)
CLIENT_SOURCES := $(filter-out $(CLIENT_PROGRAM_SOURCES),$(wildcard clients/*.c))
UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
SUPPORT_SOURCES := $(wildcard tests/support/*.c)
LUA_SOURCES := $(filter-out lua/_%,$(wildcard lua/*.lua))

object = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
ALL_SOURCES := $(wildcard */*.c game_server/battle/*.c tests/*/*.c)

LIBRARIES := $(OUT)/libmatch.a $(OUT)/libgame.a $(OUT)/libbattle.a $(OUT)/libcommon.a
PROGRAMS := $(OUT)/match_server $(OUT)/game_server
TOOLS := $(OUT)/bot $(OUT)/token $(OUT)/duelctl $(OUT)/protodoc $(OUT)/replay $(OUT)/balance
UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(UNIT_SOURCES))
SUPPORT := $(patsubst tests/support/%.c,$(OUT)/tests/%,$(SUPPORT_SOURCES))
CHAOS := $(OUT)/chaos/proxy
SIM_OBJECTS := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard tests/sim/*.c))
BENCHES := $(patsubst bench/%_main.c,$(OUT)/bench/%,$(wildcard bench/*_main.c))

##@ Build
.PHONY: all
all: $(PROGRAMS) $(TOOLS) ## Both servers, the bot and the tools

$(OUT)/obj/%.o: %.c | $(OUT)/.deps-build
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(call object,$(UNIT_SOURCES)): | $(OUT)/.deps-test

$(OUT)/libcommon.a: $(call object,$(COMMON_SOURCES))
$(OUT)/libbattle.a: $(OUT)/obj/libbattle.o
$(OUT)/libmatch.a: $(call object,$(MATCH_SOURCES))
$(OUT)/libgame.a: $(call object,$(GAME_SOURCES))
$(OUT)/libclient.a: $(call object,$(CLIENT_SOURCES))
$(OUT)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

# Three to four battles in a hundred more than -O2 gives; the bytes are the same at every level.
$(call object,$(BATTLE_SOURCES)): OPTIMIZE := $(patsubst -O2,-O3,$(OPTIMIZE))

# The battle core shares its folder's names with nobody: outside, only battle_* exists.
$(OUT)/obj/libbattle.o: $(call object,$(BATTLE_SOURCES))
	@ld -r $^ -o $@
	@objcopy --wildcard --keep-global-symbol='battle_*' $@

$(OUT)/match_server: $(OUT)/obj/match_server/main.o $(OUT)/libmatch.a $(OUT)/libcommon.a
$(OUT)/game_server: $(OUT)/obj/game_server/main.o $(OUT)/libgame.a $(OUT)/libbattle.a $(OUT)/libcommon.a
$(OUT)/bot: $(call object,$(CLIENT_PROGRAM_SOURCES)) $(OUT)/libclient.a $(OUT)/libcommon.a
$(OUT)/token: $(OUT)/obj/tools/token.o $(OUT)/libcommon.a
$(OUT)/duelctl: $(OUT)/obj/tools/duelctl.o $(OUT)/libcommon.a
$(OUT)/protodoc: $(call object,$(wildcard tools/protodoc*.c)) $(OUT)/libcommon.a
$(OUT)/replay: $(call object,$(wildcard tools/replay*.c)) $(OUT)/libclient.a $(OUT)/libbattle.a $(OUT)/libcommon.a
$(OUT)/balance: $(call object,$(wildcard tools/balance*.c)) $(OUT)/libclient.a $(OUT)/libbattle.a $(OUT)/libcommon.a
$(PROGRAMS) $(TOOLS):
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

$(OUT)/tests/%_test: $(OUT)/obj/tests/unit/%_test.o $(OUT)/libclient.a $(LIBRARIES) | $(OUT)/.deps-test
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@

$(SUPPORT): $(OUT)/tests/%: $(OUT)/obj/tests/support/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

$(CHAOS): $(call object,$(wildcard tests/chaos/*.c)) $(OUT)/libcommon.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

# tests/sim/run.py links again with one object changed, so it is told how.
$(OUT)/sim: $(SIM_OBJECTS) $(LIBRARIES)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@
	@printf '%s\n' "$(CC) $(CFLAGS_ALL)" "$(CC) $(LDFLAGS_ALL)" "$^ $(LIBS)" > $@.commands

$(OUT)/bench/%: $(OUT)/obj/bench/%_main.o $(call object,$(filter-out %_main.c,$(wildcard bench/*.c))) \
    $(OUT)/libclient.a $(LIBRARIES)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

# Every script is embedded whole: what it shares with others, then the file (common/scripts.c).
$(OUT)/generated/lua/%.lua: lua/%.lua $(wildcard lua/_*.lua) tools/script.sh
	@mkdir -p $(@D)
	@tools/script.sh $< > $@

$(OUT)/obj/common/scripts.o: $(patsubst lua/%.lua,$(OUT)/generated/lua/%.lua,$(LUA_SOURCES))

.PHONY: install
install: all ## Copy servers, bot, duelctl and catalog below PREFIX (default /usr/local)
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/duelpod
	@install -m 0755 $(PROGRAMS) $(OUT)/bot $(OUT)/duelctl $(DESTDIR)$(PREFIX)/bin
	@install -m 0644 game_server/catalog/*.json $(DESTDIR)$(PREFIX)/share/duelpod
	@echo "installed below $(DESTDIR)$(PREFIX)"

.PHONY: clean
clean: ## Remove build/
	@rm -rf build

##@ Run
.PHONY: run
run: all ## Private Redis, PODS=1 pods from PORT=8081 on, one match, then serve until Ctrl-C
	@exec env BIN=$(OUT) PODS=$(or $(PODS),1) PORT=$(or $(PORT),8081) tools/run.sh

.PHONY: demo
demo: all ## One match between two bots on two pods
	@exec env BIN=$(OUT) PODS=2 PORT=$(or $(PORT),8081) tools/run.sh --once

##@ Test
TEST_PROGRAMS = $(PROGRAMS) $(TOOLS) $(UNIT_TESTS) $(SUPPORT) $(CHAOS) $(OUT)/bench/load $(OUT)/sim

.PHONY: test
test: $(TEST_PROGRAMS) $(OUT)/.deps-test faults-build ## All suites; ends with one line: N passed, N failed
	@exec env BIN=$(OUT) FAULTS_BIN=$(FAULTS_OUT) tools/test.sh unit reference fuzz lua spin sim ws client tools match e2e metrics chaos failover deploy

.PHONY: test-programs test-sanitize
test-programs: $(TEST_PROGRAMS) $(OUT)/.deps-test faults-build
test-sanitize: $(OUT)/.deps-test ## The suites under address,undefined, then thread; not part of test
	@exec tools/sanitize.sh

.PHONY: test-unit test-reference test-fuzz test-lua test-spin test-ws test-client test-tools test-match test-e2e test-metrics test-chaos test-failover test-deploy
test-unit: $(UNIT_TESTS) $(SUPPORT) ## Unit tests
	@exec env BIN=$(OUT) tools/test.sh unit
test-reference: $(SUPPORT) $(OUT)/.deps-test ## A second battle engine, written from docs/battle.md, must write the same bytes
	@exec env BIN=$(OUT) tools/test.sh reference
test-fuzz: $(OUT)/.deps-test ## Every parser with its corpus and a few seconds of libFuzzer
	@exec tools/test.sh fuzz
test-lua: $(PROGRAMS) $(OUT)/.deps-test ## Every script against a real Redis: replies and keys left behind
	@exec env BIN=$(OUT) tools/test.sh lua
test-spin: $(OUT)/.deps-test ## The scripts' model, every order of events; and faults planted into it
	@exec env BIN=$(OUT) tools/test.sh spin
test-ws: $(SUPPORT) $(OUT)/.deps-test ## WebSocket conformance and attacks
	@exec env BIN=$(OUT) tools/test.sh ws
test-client: $(TOOLS) $(OUT)/bench/load $(OUT)/.deps-test ## The bot, the load generator and the token tool
	@exec env BIN=$(OUT) tools/test.sh client
test-tools: $(TOOLS) $(SUPPORT) $(OUT)/.deps-test ## Replay and balance; every aim of docs/balance.md
	@exec env BIN=$(OUT) tools/test.sh tools
test-match: $(PROGRAMS) $(OUT)/.deps-test faults-build ## match_server alone, over Pub/Sub
	@exec env BIN=$(OUT) FAULTS_BIN=$(FAULTS_OUT) tools/test.sh match
test-e2e: $(PROGRAMS) $(TOOLS) $(OUT)/.deps-test faults-build ## Both servers, several pods, real clients, real kills
	@exec env BIN=$(OUT) FAULTS_BIN=$(FAULTS_OUT) tools/test.sh e2e
test-metrics: $(PROGRAMS) $(OUT)/.deps-test ## /metrics under load, a real Prometheus, alert rules, dashboard
	@exec env BIN=$(OUT) tools/test.sh metrics
test-chaos: $(PROGRAMS) $(CHAOS) $(OUT)/.deps-test ## Chaos, short: seeded faults in front of Redis, kills, and a checker
	@exec env BIN=$(OUT) tools/test.sh chaos
test-failover: $(PROGRAMS) $(OUT)/.deps-test ## Redis fails over under load, short: primary, replicas, sentinels, and a checker
	@exec env BIN=$(OUT) tools/test.sh failover
test-deploy: $(PROGRAMS) $(OUT)/.deps-test ## Image root, Compose, Kubernetes, systemd: all that needs no engine
	@exec env BIN=$(OUT) tools/test.sh deploy

.PHONY: chaos
chaos: $(PROGRAMS) $(CHAOS) $(OUT)/.deps-test ## Chaos, long: BOTS=1000 players, KILLS=100 kills; figures for docs/reliability.md
	@exec env BIN=$(OUT) tests/chaos/chaos.py --bots $(or $(BOTS),1000) --kills $(or $(KILLS),100) \
	    $(if $(SEED),--seed $(SEED)) --out $(OUT)/chaos.json

.PHONY: failover
failover: $(PROGRAMS) $(OUT)/.deps-test ## Redis fails over, long: COUNT=10 times under BOTS=200 players; figures for docs/reliability.md
	@exec env BIN=$(OUT) tests/failover/failover.py --bots $(or $(BOTS),200) --count $(or $(COUNT),10) \
	    $(if $(SEED),--seed $(SEED)) --out $(OUT)/failover.json

.PHONY: test-sim sim
test-sim: $(OUT)/sim $(OUT)/.deps-test ## Both servers' logic under seeded faults, and planted bugs that must be caught
	@exec env BIN=$(OUT) tools/test.sh sim
sim: $(OUT)/sim $(OUT)/.deps-test ## The simulation without end, from seed FIRST=1 on, until Ctrl-C or a failure
	@exec $(OUT)/sim --first $(or $(FIRST),1) --seeds 0 --stop

.PHONY: prove fuzz
prove: $(SUPPORT) $(OUT)/.deps-test ## Both battle engines against each other without end, until Ctrl-C or a difference
	@exec env BIN=$(OUT) tests/reference/run.sh --forever
fuzz: $(OUT)/.deps-test ## One parser without end: TARGET=catalog, snapshot, timeline, message or http
	@exec tests/fuzz/run.sh --forever $(or $(TARGET),catalog)

# The same servers with fault points, in their own folder: the files that have some, in front of the libraries.
FAULTS_OUT := $(if $(SANITIZER),$(OUT),$(OUT)/variant)-faults
FAULTS_SOURCES := $(shell grep -l '"common/fault\.h"' */*.c)
faults_object = $(patsubst %.c,$(FAULTS_OUT)/obj/%.o,$(filter $(1),$(FAULTS_SOURCES)))
.PHONY: faults-build
faults-build: $(FAULTS_OUT)/match_server $(FAULTS_OUT)/game_server

$(FAULTS_OUT)/obj/%.o: %.c | $(OUT)/.deps-build
	@mkdir -p $(@D)
	@echo "  CC    $< with fault points"
	@$(CC) $(CFLAGS_ALL) -DDUELPOD_FAULTS -MMD -MP -c $< -o $@

$(FAULTS_OUT)/match_server: $(call faults_object,common/% match_server/%) $(OUT)/libmatch.a $(OUT)/libcommon.a
$(FAULTS_OUT)/game_server: $(call faults_object,common/% game_server/%) $(OUT)/libgame.a $(OUT)/libbattle.a \
    $(OUT)/libcommon.a
$(FAULTS_OUT)/match_server $(FAULTS_OUT)/game_server:
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

.PHONY: bench
bench: all $(BENCHES) $(OUT)/.deps-test ## Figures of docs/performance.md: a table and build/bench.json
	@exec env BIN=$(OUT) tools/bench.py

.PHONY: balance
balance: $(OUT)/balance ## Judge the catalog with the reference decks; figures of docs/balance.md anew (minutes)
	@$(OUT)/balance lint
	@$(OUT)/balance check
	@$(OUT)/balance --out $(OUT)/balance_figures --page docs/balance.md matrix
	@$(OUT)/balance --out $(OUT)/balance_figures --page docs/balance.md ablate

##@ Care
.PHONY: lint
lint: $(OUT)/.deps-lint $(PROGRAMS) $(TOOLS) ## Format, static analysis, layers, generated pages
	@exec env BIN=$(OUT) tools/lint.sh

.PHONY: format
format: $(OUT)/.deps-lint ## Format the C sources
	@clang-format -i $(wildcard */*.[ch] */*/*.[ch])

.PHONY: docs
docs: $(OUT)/protodoc $(PROGRAMS) ## Generate the generated pages
	@$(OUT)/protodoc > docs/protocol.md
	@$(OUT)/protodoc --internal > docs/redis.md
	@$(OUT)/protodoc --metrics > docs/metrics.md
	@BIN=$(OUT) tools/configuration.sh
	@$(OUT)/protodoc --acl > deploy/redis/users.acl

.PHONY: deps deps-test deps-lint
deps: $(OUT)/.deps-build ## Install the Debian packages that are missing to build and run
deps-test: $(OUT)/.deps-test ## ... to test
deps-lint: $(OUT)/.deps-lint ## ... to lint

$(OUT)/.deps-build: Makefile tools/deps.sh
	@mkdir -p $(@D)
	@tools/deps.sh $(DEBIAN_BUILD) && touch $@
$(OUT)/.deps-test: $(OUT)/.deps-build
	@tools/deps.sh $(DEBIAN_TEST) && touch $@
$(OUT)/.deps-lint: $(OUT)/.deps-test
	@tools/deps.sh $(DEBIAN_LINT) && touch $@

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z0-9-]+( [a-z0-9-]+)*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: SANITIZER=address,undefined|thread  FAULTS=1  WERROR=1  OPTIMIZE=-O2  CC=clang  PREFIX=/usr/local"

-include $(patsubst %.o,%.d,$(call object,$(ALL_SOURCES)) $(call faults_object,%))
