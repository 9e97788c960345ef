# Countersign. `make test` and `make demo` do all the set-up themselves; `make help` lists the rest.

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
KEEP ?=
PREFIX ?= /usr/local
SHELL := /bin/bash
stage := scripts/stage.sh

.DEFAULT_GOAL := help
.PHONY: sources demo test install cuts bench size fuzz coverage lint build newer release setup clean help

demo: setup ## the whole story on real parts, in about a minute (KEEP=1 leaves it running)
	@$(stage) "configure release" cmake --preset release
	@$(stage) "build release" cmake --build --preset release -j $(JOBS) --target mosquitto_countersign countersign_cli
	@$(stage) "card applet" scripts/build_applet.sh
	@KEEP=$(KEEP) scripts/demo.sh

test: newer build ## every test: unit, broker, card, command line, style, Cortex-M3
	@$(stage) "test" ctest --preset dev -j $(JOBS)

build: sources ## what the tests need, with sanitizers, in build/dev
	@$(stage) "configure dev" cmake --preset dev
	@$(stage) "build dev" cmake --build --preset dev -j $(JOBS)
	@$(stage) "core for Cortex-M3" scripts/check_core_symbols.sh
	@$(stage) "firmware" env JOBS=$(JOBS) scripts/build_firmware.sh || [ $$? -eq 77 ]

sources: setup ## lwIP and mbedTLS, in build/third_party; without them (77) the firmware's tests are skipped
	@$(stage) "sources of lwIP and mbedTLS" scripts/mcu_sources.sh || [ $$? -eq 77 ]

newer: setup ## the Mosquitto of Debian's next release, in build/newer-mosquitto; without it (77) its tests are skipped
	@$(stage) "newer mosquitto" env JOBS=$(JOBS) scripts/newer_mosquitto.sh || [ $$? -eq 77 ]

release: sources ## the optimised plugin, client and benchmarks, in build/release
	@$(stage) "configure release" cmake --preset release
	@$(stage) "build release" cmake --build --preset release -j $(JOBS)
	@$(stage) "core for Cortex-M3" scripts/check_core_symbols.sh
	@$(stage) "card applet" scripts/build_applet.sh

cuts: sources ## cuts a device's power at every flash operation, over a million times, in minutes
	@$(stage) "configure release" cmake --preset release
	@$(stage) "build release" cmake --build --preset release -j $(JOBS) --target mcu_cuts mosquitto_countersign countersign_cli countersign_flash
	@$(stage) "build firmware" scripts/build_firmware.sh
	@$(stage) "power cuts" build/release/tests/unit/mcu/mcu_cuts
	@$(stage) "power cuts of boards" scripts/mcu_qemu_cuts.py

bench: release ## measures against the budgets, writes bench/results/
	@$(stage) "bench" scripts/bench.sh

size: sources ## flash, RAM and stack of the firmware in each configuration, where they go, and what signing costs
	@$(stage) "configure release" cmake --preset release
	@$(stage) "build release" cmake --build --preset release -j $(JOBS) --target mosquitto_countersign countersign_cli countersign_flash
	@$(stage) "size" /usr/bin/python3 scripts/mcu_size.py

fuzz: setup ## every fuzz target for FUZZ_SECONDS (60)
	@$(stage) "configure fuzz" cmake --preset fuzz
	@$(stage) "build fuzz" cmake --build --preset fuzz -j $(JOBS)
	@$(stage) "fuzz" scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS)

coverage: setup ## which lines the tests reach, in build/coverage/report
	@$(stage) "configure coverage" cmake --preset coverage
	@$(stage) "build coverage" cmake --build --preset coverage -j $(JOBS)
	@$(stage) "test" ctest --preset coverage -j $(JOBS) -LE style
	@$(stage) "report" scripts/coverage.sh build/coverage

lint: setup ## formatting, include arrows, and clang-tidy on every file
	@$(stage) "configure dev" cmake --preset dev
	@$(stage) "formatting" scripts/check_format.sh
	@$(stage) "include arrows" /usr/bin/python3 scripts/check_layers.py
	@$(stage) "tree" /usr/bin/python3 scripts/check_tree.py
	@$(stage) "clang-tidy" scripts/tidy.sh --all build/dev
	@$(stage) "configure headers" cmake --preset dev -B build/headers -DCOUNTERSIGN_VERIFY_HEADERS=ON
	@$(stage) "headers alone" cmake --build build/headers --target all_verify_interface_header_sets -j $(JOBS)

setup: ## installs what is missing of scripts/packages.txt, and says so
	@scripts/setup.sh

install: release ## the plugin, the command, the library and the man page (PREFIX=/usr/local)
	@cmake --install build/release --prefix $(PREFIX)

clean: ## removes build/ and the applet's target/
	rm -rf build smartcard-applet/target

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
