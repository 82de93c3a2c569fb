# `make demo` and `make test` are all a newcomer needs; the rest is for working on Signalbox itself.

SWIFT ?= swift
SWIFT_FILES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

.PHONY: help demo test test-remediation test-crash test-asan fuzz fuzz-serve docs setup build release format check-format lint generate bench clean

help:
	@echo "make demo              install what is missing, build, and run Examples/quickstart"
	@echo "make test              install what is missing, build, and run every test"
	@echo "make test-remediation  run the remediation scripts with the AWS CLI against a local stand-in for AWS"
	@echo "make test-crash        kill the engine with SIGKILL 200 times (or KILLS=N) under load"
	@echo "make test-asan         unit tests under the address and the thread sanitizer; minutes"
	@echo "make fuzz              fuzz patterns and matcher for SECONDS=60"
	@echo "make fuzz-serve        send nearly right calls of every operation to the server for SECONDS=600"
	@echo "make build             build for debugging"
	@echo "make release           build optimised: .build/release/signalbox"
	@echo "make format            format the Swift sources"
	@echo "make check-format      say which Swift sources are not formatted"
	@echo "make lint              check-format, then lint the rules that ship"
	@echo "make docs              the documentation of the library EventPatterns, as web pages"
	@echo "make generate          write the documents that come from the code (JSON Schema, key reference)"
	@echo "make bench             measure the matcher beside orjson (BENCH_OPTIONS=--quick for the short form)"
	@echo "make clean             remove what was built and what the demo left"

demo: setup release
	@SIGNALBOX="$$($(SWIFT) build -c release --show-bin-path)/signalbox" Examples/quickstart/run.sh $(DEMO_OPTIONS)

test: setup
	@Scripts/test.sh

test-remediation:
	@Scripts/test-remediation-effects.sh

test-crash: build
	@SIGNALBOX_KILLS="$${KILLS:-200}" SIGNALBOX_BINARY="$$($(SWIFT) build --show-bin-path)/signalbox" \
		Tests/Acceptance/run.py when_the_engine_is_killed

test-asan: setup
	@Scripts/test-sanitizers.sh

fuzz: setup
	@Scripts/fuzz.sh $(SECONDS)

fuzz-serve: build
	@SIGNALBOX_FUZZ_SECONDS="$(or $(SECONDS),600)" SIGNALBOX_SEED="$(or $(SEED),4)" \
		SIGNALBOX_BINARY="$$($(SWIFT) build --show-bin-path)/signalbox" "$$(Scripts/clients.sh)" \
		Tests/Acceptance/test_serve_fuzz.py

docs: setup
	@Scripts/docs.sh

setup:
	@Scripts/setup.sh

build: setup
	$(SWIFT) build

release: setup
	$(SWIFT) build -c release --product signalbox

format:
	$(SWIFT) format format --in-place --parallel --recursive $(SWIFT_FILES)

check-format:
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_FILES)

lint: check-format build
	@for rules in Rules Examples/*/rules; do "$$($(SWIFT) build --show-bin-path)/signalbox" lint "$$rules" || exit 1; done

generate: build
	@SIGNALBOX="$$($(SWIFT) build --show-bin-path)/signalbox" Scripts/generate.sh

bench: setup
	@Benchmarks/run $(BENCH_OPTIONS)

clean:
	$(SWIFT) package clean
	rm -rf Examples/*/logs Examples/*/data Examples/*/out
