#!/usr/bin/env bash
# Revokes the rules of the security group PARAM_GROUP that the call on standard input (its EventBridge event) opened to
# the world on an admin port. The ids of the new rules stand in the call's response.
set -euo pipefail
: "${PARAM_REGION:?}" "${PARAM_GROUP:?}"

mapfile -t rules < <(python3 -c '
import json, sys

response = json.load(sys.stdin)["detail"].get("responseElements") or {}
for rule in (response.get("securityGroupRuleSet") or {}).get("items", []):
    everybody = any(rule.get(name, "").endswith("/0") for name in ("cidrIpv4", "cidrIpv6"))
    all_ports = str(rule.get("ipProtocol")) == "-1"
    admin = any(int(rule.get("fromPort", 1)) <= port <= int(rule.get("toPort", 0)) for port in (22, 3389))
    if everybody and not rule.get("isEgress") and (all_ports or admin):
        print(rule["securityGroupRuleId"])
')
if ((${#rules[@]} == 0)); then
  echo "the event names no rule to revoke in ${PARAM_GROUP}" >&2
  exit 1
fi

# shellcheck source=account.sh
source "$(dirname "${BASH_SOURCE[0]}")/account.sh"

for rule in "${rules[@]}"; do
  # A rule that is gone already is what we want: deliveries may come twice.
  if output=$(aws ec2 revoke-security-group-ingress --region "$PARAM_REGION" --group-id "$PARAM_GROUP" \
    --security-group-rule-ids "$rule" 2>&1); then
    echo "revoked ${rule} of ${PARAM_GROUP}"
  elif [[ "$output" == *InvalidSecurityGroupRuleId.NotFound* || "$output" == *InvalidGroup.NotFound* ]]; then
    echo "${rule} of ${PARAM_GROUP} was gone already"
  else
    echo "$output" >&2
    exit 1
  fi
done
