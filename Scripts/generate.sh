#!/usr/bin/env bash
# Writes the documents that come from the code: the JSON Schema of rule files, the reference of their keys, and
# what `serve` answers of AWS's APIs.
# `generate.sh --check` only says whether they are current. SIGNALBOX names the binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

signalbox=${SIGNALBOX:-.build/debug/signalbox}
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

"$signalbox" schema > "$fresh/signalbox.schema.json"
{
  echo '# Reference of rule files'
  echo
  echo 'Every key of every document. Written by `make generate` from the code; [rules.md](rules.md) explains and has examples.'
  echo
  "$signalbox" schema --markdown
} > "$fresh/rule-reference.md"
"$signalbox" schema --aws-api --markdown > "$fresh/aws-api.md"

status=0
for file in signalbox.schema.json rule-reference.md aws-api.md; do
  if [[ "${1:-}" != --check ]]; then
    cp "$fresh/$file" "Docs/$file"
  elif ! diff -q "$fresh/$file" "Docs/$file" > /dev/null; then
    echo "Docs/$file is not what the code says; run 'make generate'" >&2
    status=1
  fi
done
exit "$status"
