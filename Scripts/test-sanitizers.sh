#!/usr/bin/env bash
# Runs unit tests under the address sanitizer (what reads bytes) and the thread sanitizer (what has threads).
#   Scripts/test-sanitizers.sh [address|thread]...     default: both; each builds in a folder of its own, .build-NAME
# Takes ten minutes or more the first time. A report of a sanitizer fails the run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# sanitize NAME TESTS: builds and runs the test targets. Swift's runtime keeps memory for ever that it may need again,
# so leaks are not looked for.
sanitize() {
  local name=$1 targets=$2
  printf '\n== %s sanitizer: %s\n' "$name" "$targets"
  ASAN_OPTIONS="detect_leaks=0 ${ASAN_OPTIONS:-}" \
    TSAN_OPTIONS="exitcode=66 suppressions=$PWD/Scripts/thread-sanitizer.supp ${TSAN_OPTIONS:-}" \
    SIGNALBOX_ONLY=$targets swift test --scratch-path ".build-$name" --sanitize "$name"
}

status=0
if (($# == 0)); then set -- address thread; fi
for name in "$@"; do
  case "$name" in
    address) sanitize address EventPatternsTests,TrailEventsTests,RuleFilesTests || status=1 ;;
    thread) sanitize thread StorageTests,DeliveryTests,ServerTests || status=1 ;;
    *)
      echo "there is no sanitizer '$name' here; there are address and thread" >&2
      exit 3
      ;;
  esac
done
exit "$status"
