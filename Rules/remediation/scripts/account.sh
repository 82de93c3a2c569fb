# Sourced by the scripts beside it. Makes sure that the AWS credentials are those of the account that the event came
# from, and has `run`, which takes what is done already for done.
#
# PARAM_ACCOUNT      the account of the event
# PARAM_REGION       its region; says in which partition of AWS a role is looked for
# REMEDIATION_ROLE   if set: the name of a role that exists in every account and is assumed there

if [[ -n "${REMEDIATION_ROLE:-}" ]]; then
  case "${PARAM_REGION:-}" in
    cn-*) partition=aws-cn ;;
    us-gov-*) partition=aws-us-gov ;;
    *) partition=aws ;;
  esac
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(
    aws sts assume-role --region "${PARAM_REGION:?}" --role-arn "arn:${partition}:iam::${PARAM_ACCOUNT:?}:role/${REMEDIATION_ROLE}" \
      --role-session-name signalbox --duration-seconds 900 \
      --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text
  ) || { echo "could not assume ${REMEDIATION_ROLE} in account ${PARAM_ACCOUNT}" >&2; exit 1; }
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
fi

caller=$(aws sts get-caller-identity --region "${PARAM_REGION:?}" --query Account --output text)
if [[ "$caller" != "${PARAM_ACCOUNT:?}" ]]; then
  echo "the credentials are for account ${caller}, the event is of account ${PARAM_ACCOUNT}: nothing was changed" >&2
  echo "write into the action's env, as REMEDIATION_ROLE, the name of a role that can be assumed there" >&2
  exit 1
fi

# run DONE GONE ERRORS COMMAND...: runs a command and says DONE. If it fails with one of ERRORS (AWS error codes,
# separated by |), there is nothing left to do, which is as good: deliveries may come twice. Then it says GONE.
run() {
  local done=$1 gone=$2 errors=$3 output
  shift 3
  if output=$("$@" 2>&1); then
    echo "$done"
  elif [[ "$output" =~ "An error occurred ("($errors)")" ]]; then
    echo "$gone"
  else
    echo "$output" >&2
    return 1
  fi
}
