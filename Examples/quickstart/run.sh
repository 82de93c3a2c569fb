#!/usr/bin/env bash
# The demo: log files in, alerts and a remediation out. `run.sh --fresh` forgets what was done before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

signalbox=${SIGNALBOX:-../../.build/release/signalbox}
if [[ ! -x "$signalbox" ]]; then
  echo "there is no $signalbox; run 'make demo' at the root of the repository" >&2
  exit 3
fi
if [[ "${1:-}" == --fresh ]]; then rm -rf logs data out; fi
mkdir -p out

heading() { printf '\n== %s\n' "$1"; }

heading "The log files, as CloudTrail delivers them"
python3 make-logs.py events logs
find logs -name '*.json.gz' | sort

heading "The rules' own tests"
"$signalbox" test rules

heading "What matches (no engine, no state: signalbox match --rules rules --dedupe logs)"
"$signalbox" match --rules rules --dedupe logs

# The receiver takes a port that is free; rules find address and secret in the environment, never in a file.
DEMO_WEBHOOK_SECRET="whsec_$(python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')"
export DEMO_WEBHOOK_SECRET
export DEMO_OUTPUT="$PWD/out"
rm -f out/port
touch out/received.jsonl
before=$(wc -l < out/received.jsonl)
python3 receiver.py out/port out/received.jsonl &
receiver=$!
trap 'kill "$receiver" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  if [[ -s out/port ]]; then break; fi
  if ! kill -0 "$receiver" 2>/dev/null; then echo "the receiver did not start" >&2; exit 3; fi
  sleep 0.1
done
DEMO_WEBHOOK_URL="http://127.0.0.1:$(cat out/port)/alerts"
export DEMO_WEBHOOK_URL

heading "The engine (signalbox run --config signalbox.yaml --once); the receiver prints what it gets"
"$signalbox" run --config signalbox.yaml --once
new=$(($(wc -l < out/received.jsonl) - before))

heading "What was delivered"
if ((new == 0)); then
  echo "nothing new: these log files were read before (run.sh --fresh forgets that); delivered earlier:"
else
  echo "webhook: $new new messages, signatures verified"
fi
"$signalbox" deliveries list --data data

heading "What waits in the queue 'review'"
"$signalbox" queue show --data data review

heading "What the remediation did"
cat out/closed/*.txt

heading "Where to look next (in Examples/quickstart; signalbox is $signalbox)"
cat <<'END'
  rules/                    the rules with their tests; change one and run this again
  out/received.jsonl        what the webhook receiver got
  out/closed/               what the remediation script left
  signalbox queue receive review --data data --limit 10 --delete
                            take the messages out of the queue
  signalbox deliveries show DELIVERY --data data
                            one delivery with its attempts (an id of the list above)
  signalbox explain rules/fixtures/stop-logging.json --rules rules --rule ssh-opened-to-the-world
                            why an event does not match a rule
  signalbox match --rules ../../Rules logs
                            the rule packs that ship, over the same logs
END
