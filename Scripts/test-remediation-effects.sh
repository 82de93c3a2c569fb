#!/usr/bin/env bash
# Runs the scripts of Rules/remediation with the real AWS CLI against a local stand-in for AWS, and looks at what they
# changed. Installs both into a folder of its own under .build the first time, from PyPI; takes a minute or two.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(moto==5.2.5 awscli==1.46.3)
venv=.build/remediation-test
if [[ "$(cat "$venv/packages" 2> /dev/null)" != "${packages[*]}" ]]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[0]/==/[server]==}" "${packages[@]:1}"
  echo "${packages[*]}" > "$venv/packages"
fi
exec "$venv/bin/python" Scripts/remediation_effects_test.py "$@"
