#!/usr/bin/env bash
# Starts the trail PARAM_TRAIL (name or ARN) again. Starting a trail that runs does nothing.
set -euo pipefail
: "${PARAM_REGION:?}" "${PARAM_TRAIL:?}"
# shellcheck source=account.sh
source "$(dirname "${BASH_SOURCE[0]}")/account.sh"

aws cloudtrail start-logging --region "$PARAM_REGION" --name "$PARAM_TRAIL"

echo "${PARAM_TRAIL} logs again"
