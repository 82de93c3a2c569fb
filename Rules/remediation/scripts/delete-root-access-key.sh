#!/usr/bin/env bash
# Deletes the access key PARAM_KEY of the root user of the member account PARAM_ACCOUNT. Needs credentials of the
# management account (or the delegated administrator) with centralized root access and the right to sts:AssumeRoot.
set -euo pipefail
: "${PARAM_ACCOUNT:?}" "${PARAM_KEY:?}"

# sts:AssumeRoot is not available at the global endpoint.
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}}
credentials=$(aws sts assume-root --region "$region" --target-principal "$PARAM_ACCOUNT" \
  --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials --duration-seconds 900 \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

# A key that is gone already is what we want: deliveries may come twice.
if output=$(aws iam delete-access-key --region "$region" --access-key-id "$PARAM_KEY" 2>&1); then
  echo "deleted ${PARAM_KEY}, an access key of the root user of ${PARAM_ACCOUNT}"
elif [[ "$output" == *NoSuchEntity* ]]; then
  echo "${PARAM_KEY} was gone already"
else
  echo "$output" >&2
  exit 1
fi
