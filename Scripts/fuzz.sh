#!/usr/bin/env bash
# Fuzzes the pattern parser and the matcher with libFuzzer and the address sanitizer.
#   Scripts/fuzz.sh [SECONDS]     default 60; new inputs go to .build-fuzz/corpus, crashes to .build-fuzz
set -euo pipefail
cd "$(dirname "$0")/../Fuzzing"
seconds=${1:-60}
scratch=../.build-fuzz
flags=(-Xswiftc -sanitize=fuzzer,address -Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld)
SIGNALBOX_ONLY=EventPatterns swift build -c release --scratch-path "$scratch" --product fuzz-matcher "${flags[@]}"
mkdir -p "$scratch/corpus"
binary=$(SIGNALBOX_ONLY=EventPatterns swift build -c release --scratch-path "$scratch" --product fuzz-matcher "${flags[@]}" --show-bin-path)/fuzz-matcher
exec "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -artifact_prefix="$scratch/" "$scratch/corpus" corpus
