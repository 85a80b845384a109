#!/bin/sh
# Sees that the weights are those of the verdict before the engine starts. Reads WEIGHTS_MANIFEST (lines of sha256sum), fetches what is
# missing from WEIGHTS_SOURCE (https://..., or s3://bucket/prefix with the pod's identity) into WEIGHTS_FOLDER, and compares every hash.
# Fetching goes on where it stopped. Needs sh, sha256sum and, only to fetch, curl.
# Leaves the digest of the list as its termination message, which `ovkit verify` reads.
set -eu

message="${TERMINATION_MESSAGE_FILE:-/dev/termination-log}"

fail() {
  echo "OVK-WGT: $1" | tee "$message" >&2
  exit 1
}

s3_url() {
  bucket="${WEIGHTS_SOURCE#s3://}"
  prefix="${bucket#*/}"
  [ "$prefix" = "$bucket" ] && prefix=""
  bucket="${bucket%%/*}"
  echo "https://$bucket.s3.${AWS_REGION:?AWS_REGION is not set}.amazonaws.com/${prefix:+${prefix%/}/}$1"
}

# EKS Pod Identity: short-lived credentials from the agent of the node
s3_credentials() {
  token="$(cat "${AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:?no pod identity: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not set}")"
  answer="$(curl -fsS --retry 5 -H "Authorization: $token" "$AWS_CONTAINER_CREDENTIALS_FULL_URI")"
  value() { echo "$answer" | tr ',{}' '\n\n\n' | sed -n "s/^ *\"$1\" *: *\"\(.*\)\" *$/\1/p"; }
  printf 'aws-sigv4 = "aws:amz:%s:s3"\nuser = "%s:%s"\nheader = "x-amz-security-token: %s"\nheader = "x-amz-content-sha256: UNSIGNED-PAYLOAD"\n' \
    "$AWS_REGION" "$(value AccessKeyId)" "$(value SecretAccessKey)" "$(value Token)"
}

fetch() {
  target="$WEIGHTS_FOLDER/$1"
  mkdir -p "$(dirname "$target")"
  case "$WEIGHTS_SOURCE" in
    s3://*) s3_credentials | curl -fsSL --retry 5 --retry-all-errors -C - -K - -o "$target.part" "$(s3_url "$1")" || return 1 ;;
    https://* | http://127.*) curl -fsSL --retry 5 --retry-all-errors -C - -o "$target.part" "${WEIGHTS_SOURCE%/}/$1" || return 1 ;;
    *) fail "the source $WEIGHTS_SOURCE is neither https:// nor s3://" ;;
  esac
  mv "$target.part" "$target"
}

[ -s "$WEIGHTS_MANIFEST" ] || fail "the list of files $WEIGHTS_MANIFEST is missing or empty"
while read -r wanted path; do
  file="$WEIGHTS_FOLDER/$path"
  if [ ! -f "$file" ]; then
    [ -n "${WEIGHTS_SOURCE:-}" ] || fail "$path is not in $WEIGHTS_FOLDER, and no source is given to fetch it from"
    echo "fetching $path"
    fetch "$path" || fail "$path cannot be fetched from $WEIGHTS_SOURCE"
  fi
  found="$(sha256sum "$file" | cut -d ' ' -f 1)"
  if [ "$found" != "$wanted" ]; then
    # what was fetched is of no use, and would be taken for whole the next time
    [ -z "${WEIGHTS_SOURCE:-}" ] || rm -f "$file"
    fail "$path has the SHA-256 $found; the verdict is about $wanted"
  fi
  echo "$path is as judged"
done < "$WEIGHTS_MANIFEST"
printf 'sha256:%s' "$(sha256sum "$WEIGHTS_MANIFEST" | cut -d ' ' -f 1)" > "$message"
