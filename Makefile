# make                 build ./panne
# make test            every check: style, unit tests, fuzz corpora, end to end, manuals (also: make check)
# make test-unit       the unit tests alone
# make test-e2e        the end-to-end tests alone
# make test-long       what takes minutes: whole replays, valgrind, TSan, and each fuzzer for
#                      FUZZ_SECONDS=60
# make check-style     layers, globals, lengths, formatting, static analysis
# make fuzz            build the fuzzers with clang; FUZZ_SECONDS=60 also runs each one that long
# make fuzz-replay     run the stored corpora through the fuzz targets
# make bench           measure against the peers
# make demo            replay an outage here and now
# make format          lay out the code with clang-format
# make man             write man/ and the scenarios' schema from the program's own tables
# make install         PREFIX=/usr/local DESTDIR= ; make uninstall takes it away again
# make clean           remove what was built
#
# SANITIZE=1 builds with ASan and UBSan, SANITIZE=thread with TSan, CC=clang with clang, each in a
# directory of its own.
# V=1 shows the whole commands.

VERSION ?= 0.1.0
PREFIX  ?= /usr/local
CFLAGS  ?= -O3 -g
ifeq ($(origin CC),default)
CC := gcc
endif

BUILD := build$(if $(findstring clang,$(CC)),-clang)$(if $(SANITIZE),-$(patsubst 1,sanitize,$(SANITIZE)))
COMMA := ,
WARN  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror
CHECK := -fsanitize=$(if $(filter thread,$(SANITIZE)),thread,address$(COMMA)undefined) \
         -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ  := -fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer
GUARD := $(if $(SANITIZE)$(FUZZING),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# Whole-program optimization where it counts: the binary. Objects stay usable without it, for tests.
WHOLE := $(if $(SANITIZE)$(FUZZING)$(findstring clang,$(CC)),,-flto=auto -ffat-lto-objects)
EXTRA := $(WHOLE) $(if $(SANITIZE),$(CHECK))$(if $(FUZZING),$(FUZZ))
NAMES := -DPANNE_VERSION='"$(VERSION)"' -DPANNE_SCENARIO_DIR='"$(PREFIX)/share/panne/scenarios"'
LANGUAGE := -std=c11 -D_GNU_SOURCE -Iproxy $(NAMES) $(CPPFLAGS)
COMPILE  := $(CC) $(LANGUAGE) $(WARN) $(CFLAGS) -pthread -fPIE -fstack-protector-strong $(GUARD) $(EXTRA)
LINK     := $(COMPILE) -pie -Wl,-z,relro,-z,now $(LDFLAGS)
PLAIN    := $(if $(WHOLE),-fno-lto)
LIBS     := -lssl -lcrypto -lev -lhttp_parser -lyaml -lcares -lz -ljansson -lpcre2-8 -lm

SOURCES  := $(wildcard proxy/*.c proxy/*/*.c proxy/*/*/*.c)
HEADERS  := $(wildcard proxy/*.h proxy/*/*.h proxy/*/*/*.h)
TESTED   := $(wildcard tests/unit/*.c)
FUZZED   := $(wildcard tests/fuzz/*_fuzz.c)
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
PARTS    := $(filter-out $(BUILD)/proxy/main.o,$(OBJECTS))
LIBRARY  := $(BUILD)/libpanne.a
BINARY   := $(BUILD)/panne
TESTS    := $(patsubst %.c,$(BUILD)/%,$(filter %_test.c,$(TESTED)))
SHARED   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_test.c,$(TESTED)))
REPLAYS  := $(FUZZED:%_fuzz.c=$(BUILD)/%_replay)
FUZZERS  := $(FUZZED:tests/fuzz/%.c=build-fuzz/%)
TIDY     := $(patsubst %.c,build/tidy/%.ok,$(SOURCES) $(TESTED) $(wildcard tests/fuzz/*.c))
MANUALS  := $(wildcard man/*.1 man/*.5 man/*.7)
COMPLETION := $(wildcard completions/panne.bash)
SCENARIOS := $(wildcard scenarios/*.yaml scenarios/*.json)
RECIPES  := $(wildcard scenarios/recipes/*.yaml)

SHOW := $(if $(V),@:,@echo)
QUIET := $(if $(V),,@)

all: $(if $(filter build,$(BUILD)),panne,$(BINARY))

panne: $(BINARY)
	@ln -f $< $@ 2>/dev/null || cp -f $< $@

$(BINARY): $(BUILD)/proxy/main.o $(LIBRARY)
	$(SHOW) '  link     $@'
	$(QUIET)$(LINK) -o $@ $^ $(LIBS)

# Built anew each time: an archive keeps members whose source is gone.
$(LIBRARY): $(PARTS) $(BUILD)/parts
	@rm -f $@
	$(SHOW) '  pack     $@'
	$(QUIET)$(AR) rcs $@ $(PARTS)

# Changes only when a source comes or goes.
$(BUILD)/parts: ALWAYS
	@mkdir -p $(@D)
	@echo '$(PARTS)' | cmp -s - $@ || echo '$(PARTS)' > $@

# The version and the data directory are compiled in; a change of either must rebuild.
$(BUILD)/flags: ALWAYS
	@mkdir -p $(@D)
	@printf '%s\n' "$$COMPILE_LINE" | cmp -s - $@ || printf '%s\n' "$$COMPILE_LINE" > $@
$(BUILD)/flags: export COMPILE_LINE := $(COMPILE)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SHOW) '  compile  $<'
	$(QUIET)$(COMPILE) -MMD -MP -c -o $@ $<

$(TESTS): %: %.o $(SHARED) $(LIBRARY)
	$(SHOW) '  link     $@'
	$(QUIET)$(LINK) $(PLAIN) -o $@ $^ -lcmocka $(LIBS)

$(REPLAYS): %_replay: %_fuzz.o $(BUILD)/tests/fuzz/replay.o $(LIBRARY)
	$(SHOW) '  link     $@'
	$(QUIET)$(LINK) $(PLAIN) -o $@ $^ $(LIBS)

build-fuzz/%_fuzz: build-fuzz/tests/fuzz/%_fuzz.o build-fuzz/libpanne.a
	$(SHOW) '  link     $@'
	$(QUIET)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)

programs: all $(TESTS) $(REPLAYS)

# The test driver, told what this make was told.
DRIVE = MAKE='$(MAKE)' CC='$(CC)' SANITIZE='$(SANITIZE)' PANNE_BUILD='$(BUILD)' tests/run

test:
	@scripts/install-deps build test
	@$(DRIVE)

check: test

check-style:
	@$(DRIVE) style

test-unit test-e2e test-long fuzz-replay check-docs:
	@$(DRIVE) $(patsubst test-%,%,$(@:check-%=%))

tidy: $(TIDY)

build/tidy/%.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	@$(CC) $(LANGUAGE) -MM -MP -MT $@ -MF $(@:.ok=.d) $<
	@clang-tidy --quiet $< -- $(LANGUAGE) >$(@:.ok=.txt) 2>&1 || { cat $(@:.ok=.txt); exit 1; }
	@touch $@

fuzz:
	@scripts/install-deps build test
	$(MAKE) CC=clang FUZZING=1 SANITIZE= BUILD=build-fuzz fuzzers
	@scripts/fuzz $(FUZZ_SECONDS)

fuzzers: $(FUZZERS)

bench:
	@scripts/install-deps build bench
	@$(MAKE) --no-print-directory all
	@scripts/bench

demo:
	@scripts/install-deps build demo
	@$(MAKE) -s all
	@scripts/demo

man: all
	@PANNE=$(BINARY) scripts/make-man

format:
	clang-format -i $(SOURCES) $(HEADERS) $(TESTED) $(wildcard tests/*/*.h tests/fuzz/*.c)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/panne/scenarios/recipes
	install -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/panne
	$(if $(SCENARIOS),install -m 644 $(SCENARIOS) $(DESTDIR)$(PREFIX)/share/panne/scenarios)
	$(if $(RECIPES),install -m 644 $(RECIPES) $(DESTDIR)$(PREFIX)/share/panne/scenarios/recipes)
	$(if $(COMPLETION),install -D -m 644 $(COMPLETION) $(DESTDIR)$(PREFIX)/share/bash-completion/completions/panne)
	@for page in $(MANUALS); do \
	    section=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; \
	    install -d "$$section" && install -m 644 "$$page" "$$section" || exit 1; \
	done

uninstall:
	$(RM) $(DESTDIR)$(PREFIX)/bin/panne
	$(RM) $(DESTDIR)$(PREFIX)/share/bash-completion/completions/panne
	$(RM) -r $(DESTDIR)$(PREFIX)/share/panne
	@for page in $(MANUALS); do $(RM) "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}"; done

clean:
	$(RM) -r build build-* panne

.PHONY: all programs test check test-unit test-e2e test-long fuzz-replay check-style check-docs \
        tidy fuzz fuzzers bench demo man format install uninstall clean ALWAYS
.SECONDARY:
.DELETE_ON_ERROR:

-include $(OBJECTS:.o=.d) $(patsubst %.c,$(BUILD)/%.d,$(TESTED) $(wildcard tests/fuzz/*.c))
-include $(TIDY:.ok=.d)
