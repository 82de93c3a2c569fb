#!/usr/bin/env bash
# In real life this would be `aws ec2 revoke-security-group-ingress`; see Rules/remediation/scripts for that. Here it
# leaves a file behind, so that you see the effect. Values come in PARAM_..., the whole event on standard input.
set -euo pipefail
: "${DEMO_OUTPUT:?}" "${PARAM_ACCOUNT:?}" "${PARAM_REGION:?}" "${PARAM_GROUP:?}"

mkdir -p "$DEMO_OUTPUT/closed"
cat > "$DEMO_OUTPUT/closed/$PARAM_GROUP.txt" <<END
group    $PARAM_GROUP
account  $PARAM_ACCOUNT
region   $PARAM_REGION
command  aws ec2 revoke-security-group-ingress --region $PARAM_REGION --group-id $PARAM_GROUP ...
event    $(wc -c) bytes on standard input
END
echo "closed $PARAM_GROUP"
