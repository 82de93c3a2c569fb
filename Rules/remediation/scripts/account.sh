# Sourced by the scripts beside it. Makes sure that the AWS credentials are those of the account that the event came from.
#
# PARAM_ACCOUNT      the account of the event
# REMEDIATION_ROLE   if set: the name of a role that exists in every account and is assumed there

if [[ -n "${REMEDIATION_ROLE:-}" ]]; then
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(
    aws sts assume-role --role-arn "arn:aws:iam::${PARAM_ACCOUNT:?}:role/${REMEDIATION_ROLE}" \
      --role-session-name signalbox --duration-seconds 900 \
      --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text
  ) || { echo "could not assume ${REMEDIATION_ROLE} in account ${PARAM_ACCOUNT}" >&2; exit 1; }
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
fi

caller=$(aws sts get-caller-identity --query Account --output text)
if [[ "$caller" != "${PARAM_ACCOUNT:?}" ]]; then
  echo "the credentials are for account ${caller}, the event is of account ${PARAM_ACCOUNT}: nothing was changed" >&2
  echo "write into the action's env, as REMEDIATION_ROLE, the name of a role that can be assumed there" >&2
  exit 1
fi
