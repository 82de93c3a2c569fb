#!/usr/bin/env bash
# Detaches the managed policy PARAM_POLICY from the user PARAM_USER.
set -euo pipefail
: "${PARAM_USER:?}" "${PARAM_POLICY:?}"

if output=$(aws iam detach-user-policy --user-name "$PARAM_USER" --policy-arn "$PARAM_POLICY" 2>&1); then
  echo "detached $PARAM_POLICY from $PARAM_USER"
elif [[ "$output" == *NoSuchEntity* ]]; then
  echo "$PARAM_POLICY was not attached to $PARAM_USER any more"
elif [[ "$output" == *Throttling* ]]; then
  echo "$output" >&2
  exit 75 # try again later
else
  echo "$output" >&2
  exit 1
fi
