#!/usr/bin/env bash
# Every test there is: unit tests, the rules' own tests with the built binary, the remediation scripts, acceptance tests.
# All parts run even if one fails; the summary at the end says which did.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

swift build --build-tests || exit 1
signalbox="$(swift build --show-bin-path)/signalbox"
export SIGNALBOX="$signalbox"

names=()
results=()
failed=0

# part NAME COMMAND...: runs one part, remembers how it ended.
part() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  local result=passed started=$SECONDS
  "$@" || { result=FAILED; failed=1; }
  names+=("$name")
  results+=("$result, $((SECONDS - started)) s")
}

part "unit tests" swift test --skip-build --parallel

for rules in Rules Examples/*/rules; do
  part "rules: validate $rules" "$signalbox" validate "$rules"
  part "rules: lint $rules" "$signalbox" lint "$rules"
  part "rules: format $rules" "$signalbox" fmt --check "$rules"
  part "rules: test $rules" "$signalbox" test "$rules"
done
part "generated documents" Scripts/generate.sh --check
part "remediation scripts" Scripts/test-remediation-scripts.sh

part "acceptance" env SIGNALBOX_BINARY="$signalbox" "$(Scripts/clients.sh)" Tests/Acceptance/run.py

printf '\n== Summary\n'
for index in "${!names[@]}"; do printf '%-50s %s\n' "${names[$index]}" "${results[$index]}"; done
exit "$failed"
