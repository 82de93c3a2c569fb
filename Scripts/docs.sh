#!/usr/bin/env bash
# Builds the DocC documentation of the library EventPatterns; a warning (a link to nowhere, say) is an error.
#   Scripts/docs.sh                 writes .build-docs/EventPatterns
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

docc=$(command -v docc || true)
# Some toolchains have it beside `swift` without its being in the PATH.
if [[ -z "$docc" ]]; then docc="$(dirname "$(readlink -f "$(command -v swift)")")/docc"; fi
if [[ ! -x "$docc" ]]; then
  echo "there is no docc in this toolchain; the documentation is not built" >&2
  exit 0
fi

scratch=.build-docs
SIGNALBOX_ONLY=EventPatterns swift package --scratch-path "$scratch" dump-symbol-graph --minimum-access-level public
graphs=$(mktemp -d)
trap 'rm -rf "$graphs"' EXIT
# The graph of the C functions underneath stays out: they are nobody's business.
cp "$scratch"/*/symbolgraph/EventPatterns.symbols.json "$graphs/"
"$docc" convert Sources/EventPatterns/EventPatterns.docc \
  --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name EventPatterns --fallback-bundle-identifier org.signalbox.EventPatterns \
  --output-path "$scratch/EventPatterns" --warnings-as-errors
echo "the documentation is in $scratch/EventPatterns; any web server shows it"
