#!/usr/bin/env bash
# Prints the path of a Python that has the AWS clients that the acceptance tests drive, in the versions that they were
# written with. Installs them into .build/clients if the usual Python has others or none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

requirements=Tests/Acceptance/requirements.txt
has_clients() {
  "$1" - "$requirements" <<'EOF' 2>/dev/null
import sys
from importlib.metadata import version

for line in open(sys.argv[1]):
    if "==" in line:
        name, wanted = line.strip().split("==")
        assert version(name) == wanted
EOF
}

usual=$(command -v python3)
own=.build/clients/bin/python3
if has_clients "$usual"; then
  echo "$usual"
elif [[ -x $own ]] && has_clients "$own"; then
  echo "$PWD/$own"
else
  echo "installing the AWS clients into .build/clients" >&2
  rm -rf .build/clients
  if "$usual" -m venv .build/clients >&2 && "$own" -m pip install --quiet --requirement "$requirements" >&2; then
    echo "$PWD/$own"
  else
    # Tests that need a client are skipped, and say so.
    echo "they cannot be installed; tests that need them are skipped" >&2
    echo "$usual"
  fi
fi
