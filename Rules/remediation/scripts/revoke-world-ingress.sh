#!/usr/bin/env bash
# Revokes the rules of the security group PARAM_GROUP that the call on standard input (its EventBridge event) opened to
# the world on an admin port. The ids of the new rules stand in the call's response.
set -euo pipefail
: "${PARAM_REGION:?}" "${PARAM_GROUP:?}"

# Into a variable first: only so does a failure of the program end the script.
found=$(python3 -c '
import json, re, sys

response = json.load(sys.stdin)["detail"].get("responseElements") or {}
for rule in (response.get("securityGroupRuleSet") or {}).get("items") or []:
    everybody = any((rule.get(name) or "").endswith("/0") for name in ("cidrIpv4", "cidrIpv6"))
    all_ports = str(rule.get("ipProtocol")) == "-1"
    first, last = rule.get("fromPort"), rule.get("toPort")
    admin = None not in (first, last) and any(int(first) <= port <= int(last) for port in (22, 3389))
    if everybody and not rule.get("isEgress") and (all_ports or admin):
        name = rule.get("securityGroupRuleId") or ""
        if not re.fullmatch("sgr-[0-9a-f]+", name):
            sys.exit(f"{name!r} is no id of a security group rule: nothing was changed")
        print(name)
')
if [[ -z "$found" ]]; then
  echo "the event names no rule to revoke in ${PARAM_GROUP}" >&2
  exit 1
fi
mapfile -t rules <<<"$found"

# shellcheck source=account.sh
source "$(dirname "${BASH_SOURCE[0]}")/account.sh"

for rule in "${rules[@]}"; do
  run "revoked ${rule} of ${PARAM_GROUP}" "${rule} of ${PARAM_GROUP} was gone already" \
    'InvalidSecurityGroupRuleId.NotFound|InvalidPermission.NotFound|InvalidGroup.NotFound' \
    aws ec2 revoke-security-group-ingress --region "$PARAM_REGION" --group-id "$PARAM_GROUP" \
    --security-group-rule-ids "$rule"
done
