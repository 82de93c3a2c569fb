#!/usr/bin/env bash
# Turns on all four settings of S3 Block Public Access for the bucket PARAM_BUCKET.
set -euo pipefail
: "${PARAM_REGION:?}" "${PARAM_BUCKET:?}"
# shellcheck source=account.sh
source "$(dirname "${BASH_SOURCE[0]}")/account.sh"

run "public access to ${PARAM_BUCKET} is blocked" "${PARAM_BUCKET} does not exist any more" NoSuchBucket \
  aws s3api put-public-access-block --region "$PARAM_REGION" --bucket "$PARAM_BUCKET" \
  --expected-bucket-owner "$PARAM_ACCOUNT" --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
