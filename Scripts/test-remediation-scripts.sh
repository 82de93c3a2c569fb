#!/usr/bin/env bash
# Runs the scripts of Rules/remediation with a stand-in for the AWS CLI and compares the calls they make.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../Rules/remediation"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Answers the calls that look something up, refuses what AWS_STUB_REFUSE names, and notes down everything else.
cat > "$work/aws" <<'END'
#!/usr/bin/env bash
case "$*" in
  *get-caller-identity*) echo "${AWS_STUB_ACCOUNT:-111122223333}" ;;
  *assume-role*) printf 'ASIAROLE\tsecret\ttoken\n' ;;
  *assume-root*) printf 'ASIAROOT\tsecret\ttoken\n' ;;
  *)
    if [[ -n "${AWS_STUB_REFUSE:-}" ]]; then
      echo "An error occurred ($AWS_STUB_REFUSE) when calling the operation" >&2
      exit 254
    fi
    echo "${AWS_ACCESS_KEY_ID:-none} aws $*" >> "$AWS_STUB_CALLS"
    ;;
esac
END
chmod +x "$work/aws"
export PATH="$work:$PATH" AWS_STUB_CALLS="$work/calls"
export PARAM_ACCOUNT=111122223333 PARAM_REGION=eu-central-1 PARAM_BUCKET=example-reports PARAM_TRAIL=organization-trail
export PARAM_KEY=AKIAEXAMPLE0ROOT0KEY PARAM_GROUP=sg-0a1b2c3d4e5f60718 PARAM_KIND=ebs PARAM_SNAPSHOT=snap-0a9b8c7d6e5f40312
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION REMEDIATION_ROLE

failures=0

# check NAME WANTED-STATUS WANTED-CALLS SCRIPT [FIXTURE]: runs a script with the fixture's event on standard input.
check() {
  local name=$1 wanted_status=$2 wanted_calls=$3 script=$4 fixture=${5:-stop-logging} status=0
  : > "$work/calls"
  python3 -c 'import json, sys; print(json.dumps({"detail": json.load(open(sys.argv[1]))}))' "fixtures/$fixture.json" \
    | sed "${EDIT_EVENT:-}" > "$work/event"
  bash "scripts/$script.sh" < "$work/event" > "$work/output" 2>&1 || status=$?
  if [[ "$status" == "$wanted_status" && "$(cat "$work/calls")" == "$wanted_calls" ]]; then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    printf '  exit %s, wanted %s\n  calls  %s\n  wanted %s\n  output %s\n' \
      "$status" "$wanted_status" "$(cat "$work/calls")" "$wanted_calls" "$(cat "$work/output")"
    failures=$((failures + 1))
  fi
}

block="aws s3api put-public-access-block --region eu-central-1 --bucket example-reports"
block+=" --expected-bucket-owner 111122223333 --public-access-block-configuration"
block+=" BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
revoke="aws ec2 revoke-security-group-ingress --region eu-central-1 --group-id sg-0a1b2c3d4e5f60718"
revoke+=" --security-group-rule-ids sgr-0fedcba9876543210"
start="aws cloudtrail start-logging --region eu-central-1 --name organization-trail"
delete="aws iam delete-access-key --region us-east-1 --access-key-id AKIAEXAMPLE0ROOT0KEY"
unshare_ebs="aws ec2 modify-snapshot-attribute --region eu-central-1 --snapshot-id snap-0a9b8c7d6e5f40312"
unshare_ebs+=" --attribute createVolumePermission --operation-type remove --group-names all"
unshare_rds="aws rds modify-db-snapshot-attribute --region eu-central-1 --db-snapshot-identifier orders"
unshare_rds+=" --attribute-name restore --values-to-remove all"
unshare_cluster="aws rds modify-db-cluster-snapshot-attribute --region eu-central-1"
unshare_cluster+=" --db-cluster-snapshot-identifier orders --attribute-name restore --values-to-remove all"

check "a bucket is closed" 0 "none $block" block-public-access
check "the rule that was opened is revoked" 0 "none $revoke" revoke-world-ingress authorize-security-group-ingress
check "443 for the world stays" 1 "" revoke-world-ingress authorize-security-group-ingress-mixed
EDIT_EVENT='s/"fromPort": 22/"fromPort": "ssh"/g' \
  check "a rule that cannot be read is a failure" 1 "" revoke-world-ingress authorize-security-group-ingress
EDIT_EVENT='s/"sgr-0fedcba9876543210"/"--cli-input-json=x\\nsgr-4"/' \
  check "an id that is none reaches no command" 1 "" revoke-world-ingress authorize-security-group-ingress
check "a trail is started" 0 "none $start" start-trail
check "a root key is deleted as root" 0 "ASIAROOT $delete" delete-root-access-key
check "an EBS snapshot is unshared" 0 "none $unshare_ebs" unshare-snapshot
export PARAM_SNAPSHOT=orders PARAM_KIND=rds
check "an RDS snapshot is unshared" 0 "none $unshare_rds" unshare-snapshot
export PARAM_KIND=rds-cluster
check "a cluster snapshot is unshared" 0 "none $unshare_cluster" unshare-snapshot
export PARAM_KIND=floppy
check "an unknown kind is refused" 1 "" unshare-snapshot

REMEDIATION_ROLE=signalbox check "a role is assumed" 0 "ASIAROLE $start" start-trail
AWS_STUB_ACCOUNT=444455556666 check "another account is refused" 1 "" start-trail
AWS_STUB_REFUSE=InvalidSecurityGroupRuleId.NotFound \
  check "a rule that is gone is fine" 0 "" revoke-world-ingress authorize-security-group-ingress
AWS_STUB_REFUSE=NoSuchBucket check "a bucket that is gone is fine" 0 "" block-public-access
AWS_STUB_REFUSE=AccessDenied check "a bucket that refuses is a failure" 1 "" block-public-access
PARAM_KIND=rds AWS_STUB_REFUSE=DBSnapshotNotFound check "a snapshot that is gone is fine" 0 "" unshare-snapshot
PARAM_KIND=rds AWS_STUB_REFUSE=InvalidDBSnapshotState check "a snapshot that is busy is a failure" 1 "" unshare-snapshot
AWS_STUB_REFUSE=UnauthorizedOperation \
  check "a refusal is a failure" 1 "" revoke-world-ingress authorize-security-group-ingress
AWS_STUB_REFUSE=NoSuchEntity check "a key that is gone is fine" 0 "" delete-root-access-key

if ((failures > 0)); then exit 1; fi
