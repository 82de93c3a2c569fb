#!/usr/bin/env bash
# Takes the permission for everybody back from the snapshot PARAM_SNAPSHOT of PARAM_KIND (ebs, rds, rds-cluster).
# Taking back what is not there does nothing.
set -euo pipefail
: "${PARAM_REGION:?}" "${PARAM_KIND:?}" "${PARAM_SNAPSHOT:?}"
# shellcheck source=account.sh
source "$(dirname "${BASH_SOURCE[0]}")/account.sh"

case "$PARAM_KIND" in
  ebs)
    command=(aws ec2 modify-snapshot-attribute --region "$PARAM_REGION" --snapshot-id "$PARAM_SNAPSHOT"
      --attribute createVolumePermission --operation-type remove --group-names all)
    ;;
  rds)
    command=(aws rds modify-db-snapshot-attribute --region "$PARAM_REGION" --db-snapshot-identifier "$PARAM_SNAPSHOT"
      --attribute-name restore --values-to-remove all)
    ;;
  rds-cluster)
    command=(aws rds modify-db-cluster-snapshot-attribute --region "$PARAM_REGION"
      --db-cluster-snapshot-identifier "$PARAM_SNAPSHOT" --attribute-name restore --values-to-remove all)
    ;;
  *)
    echo "unknown kind of snapshot: ${PARAM_KIND}" >&2
    exit 1
    ;;
esac

run "${PARAM_SNAPSHOT} is no longer shared with everybody" "${PARAM_SNAPSHOT} does not exist any more" \
  'InvalidSnapshot.NotFound|DBSnapshotNotFound|DBClusterSnapshotNotFoundFault' "${command[@]}"
