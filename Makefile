# Duelpod. One makefile, everything it makes goes under build/. `make help` lists the targets.

.DEFAULT_GOAL := all
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

# ---- what to build, and where -------------------------------------------------------------------
# SANITIZER=address,undefined | thread    instrumented build in its own folder
# FAULTS=1                                fault points compiled in (tests kill the process at them)
# WERROR=1                                warnings are errors (CI)
CC ?= cc
SANITIZER ?=
FAULTS ?=
WERROR ?=
OPTIMIZE ?= -O2

comma := ,
VARIANT := $(if $(SANITIZER),-$(subst $(comma),-,$(SANITIZER)))$(if $(FAULTS),-faults)
OUT := build$(if $(VARIANT),/variant$(VARIANT))

PACKAGES := hiredis libuv libwebsockets libcjson libjwt libcrypto uuid inih zlib
HAVE_PACKAGES := $(shell pkg-config --exists $(PACKAGES) 2>/dev/null && echo yes)
ifeq ($(HAVE_PACKAGES),yes)
PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES))
PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES))
endif

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef \
            -Wwrite-strings -Wformat=2 -Wvla $(if $(WERROR),-Werror)
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE
CFLAGS_ALL := -std=c11 -D_GNU_SOURCE -g $(OPTIMIZE) $(WARNINGS) -I. -I$(OUT)/generated $(PACKAGE_CFLAGS) \
              $(if $(SANITIZER),-fsanitize=$(SANITIZER) -fno-omit-frame-pointer,-D_FORTIFY_SOURCE=3 $(HARDENING)) \
              $(if $(FAULTS),-DDUELPOD_FAULTS) $(CFLAGS)
LDFLAGS_ALL := $(if $(SANITIZER),-fsanitize=$(SANITIZER),-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now) $(LDFLAGS)
LIBS := $(PACKAGE_LIBS) -lpthread

# ---- sources: a file dropped into a folder is built ---------------------------------------------
COMMON_SOURCES := $(wildcard proto/*.c common/*.c)
BATTLE_SOURCES := $(wildcard game_server/battle/*.c)
MATCH_SOURCES := $(filter-out match_server/main.c,$(wildcard match_server/*.c))
GAME_SOURCES := $(filter-out game_server/main.c,$(wildcard game_server/*.c))
CLIENT_SOURCES := $(wildcard clients/*.c)
UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
TOOL_SOURCES := $(wildcard tools/*.c)
BENCH_SOURCES := $(wildcard bench/*.c)
LUA_SOURCES := $(filter-out lua/_%.lua,$(wildcard lua/*.lua))

objects = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
ALL_SOURCES := $(COMMON_SOURCES) $(BATTLE_SOURCES) $(MATCH_SOURCES) $(GAME_SOURCES) $(CLIENT_SOURCES) \
               $(UNIT_SOURCES) $(TOOL_SOURCES) $(BENCH_SOURCES) match_server/main.c game_server/main.c

LIBRARIES := $(OUT)/libmatch.a $(OUT)/libgame.a $(OUT)/libbattle.a $(OUT)/libcommon.a
PROGRAMS := $(OUT)/match_server $(OUT)/game_server
UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(UNIT_SOURCES))

.PHONY: all
all: $(PROGRAMS) ## Build both servers

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(OUT)/libcommon.a: $(call objects,$(COMMON_SOURCES))
$(OUT)/libbattle.a: $(call objects,$(BATTLE_SOURCES))
$(OUT)/libmatch.a: $(call objects,$(MATCH_SOURCES))
$(OUT)/libgame.a: $(call objects,$(GAME_SOURCES))
$(OUT)/libclient.a: $(call objects,$(CLIENT_SOURCES))
$(OUT)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(OUT)/match_server: $(OUT)/obj/match_server/main.o $(OUT)/libmatch.a $(OUT)/libcommon.a
$(OUT)/game_server: $(OUT)/obj/game_server/main.o $(OUT)/libgame.a $(OUT)/libbattle.a $(OUT)/libcommon.a
$(PROGRAMS):
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

$(OUT)/tests/%: $(OUT)/obj/tests/unit/%.o $(LIBRARIES) $(OUT)/libclient.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -lcmocka -o $@

# Every script is embedded whole: the shared prelude, then the file (common/scripts.c).
$(OUT)/generated/lua/%.lua: lua/%.lua $(wildcard lua/_prelude.lua)
	@mkdir -p $(@D)
	@{ echo '#!lua'; cat lua/_prelude.lua $<; } > $@

$(OUT)/obj/common/scripts.o: $(patsubst lua/%.lua,$(OUT)/generated/lua/%.lua,$(LUA_SOURCES))

-include $(patsubst %.o,%.d,$(call objects,$(ALL_SOURCES)))
