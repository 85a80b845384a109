#!/bin/sh
# Sees that the weights are those of the verdict before the engine starts. Reads WEIGHTS_MANIFEST (lines of sha256sum), fetches what is
# missing from WEIGHTS_SOURCE (https://..., or s3://bucket/prefix with the pod's identity) into WEIGHTS_FOLDER, and compares every hash.
# Fetching goes on where it stopped. Needs sh, sha256sum and, only to fetch, curl.
# Leaves the digest of the list as its termination message, which `ovkit verify` reads.
# With WEIGHTS_MIRROR (s3://bucket/prefix) it fills that folder instead, one file after the other: what is there under its hash already is
# left alone; what was fetched and is as judged goes up, and makes room for the next.
set -eu

message="${TERMINATION_MESSAGE_FILE:-/dev/termination-log}"
# largest object that one PUT may carry, in bytes (Amazon S3 user guide, "Uploading objects")
LARGEST_PUT=5368709120

fail() {
  echo "OVK-WGT: $1" | tee "$message" >&2
  exit 1
}

# address of a file below s3://bucket/prefix; WEIGHTS_S3_ENDPOINT is a server on this machine, for tests
s3_url() {
  bucket="${2#s3://}"
  prefix="${bucket#*/}"
  [ "$prefix" = "$bucket" ] && prefix=""
  bucket="${bucket%%/*}"
  path="${prefix:+${prefix%/}/}$1"
  case "${WEIGHTS_S3_ENDPOINT:-}" in
    http://127.*) echo "$WEIGHTS_S3_ENDPOINT/$bucket/$path" ;;
    *) echo "https://$bucket.s3.${AWS_REGION:?AWS_REGION is not set}.amazonaws.com/$path" ;;
  esac
}

# EKS Pod Identity: short-lived credentials from the agent of the node, as settings of curl. With the hash of the content S3 refuses
# whatever arrives otherwise.
s3_credentials() {
  token="$(cat "${AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:?no pod identity: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not set}")"
  answer="$(curl -fsS --retry 5 -H "Authorization: $token" "$AWS_CONTAINER_CREDENTIALS_FULL_URI")"
  value() { echo "$answer" | tr ',{}' '\n\n\n' | sed -n "s/^ *\"$1\" *: *\"\(.*\)\" *$/\1/p"; }
  printf 'aws-sigv4 = "aws:amz:%s:s3"\nuser = "%s:%s"\nheader = "x-amz-security-token: %s"\nheader = "x-amz-content-sha256: %s"\n' \
    "$AWS_REGION" "$(value AccessKeyId)" "$(value SecretAccessKey)" "$(value Token)" "${1:-UNSIGNED-PAYLOAD}"
}

no_credentials() { :; }

# Fetches FILE from URL into TARGET with the settings that CREDENTIALS prints. What came so far is kept and gone on with, by up to six tries;
# an answer that will be no other the next time, and a full disk, end it at once. Leaves curl's last words in $why.
transfer() {
  tries=0
  while :; do
    status=0
    said="$("$3" | curl -fsSL --connect-timeout 20 --speed-limit 1024 --speed-time "${WEIGHTS_STALL_SECONDS:-60}" \
      -C - -K - -o "$2" -w '%{stderr}HTTP %{http_code}' "$1" 2>&1)" || status=$?
    [ "$status" != 0 ] || return 0
    why="$(echo "$said" | tr '\n' ' ')"
    tries=$((tries + 1))
    case "$status" in
      # no room, or no right, to write
      23) fail "$(basename "$2" .part) cannot be written, the volume is full or read-only: $why" ;;
      # the server cannot go on in the middle
      33) rm -f "$2" ;;
      # there is nothing after what came: all of it was there already, or it is something else, which its hash tells
      22) case "$why" in *"HTTP 416"*) return 0 ;; *"HTTP 408"* | *"HTTP 429"* | *"HTTP 5"*) ;; *) return 1 ;; esac ;;
    esac
    [ "$tries" -lt 6 ] || return 1
    echo "try $tries of 6: $why" >&2
    sleep $((tries * tries * ${WEIGHTS_PAUSE_SECONDS:-1}))
  done
}

fetch() {
  target="$WEIGHTS_FOLDER/$1"
  mkdir -p "$(dirname "$target")"
  why=""
  case "$WEIGHTS_SOURCE" in
    s3://*) transfer "$(s3_url "$1" "$WEIGHTS_SOURCE")" "$target.part" s3_credentials || return 1 ;;
    https://* | http://127.*) transfer "${WEIGHTS_SOURCE%/}/$1" "$target.part" no_credentials || return 1 ;;
    *) fail "the source $WEIGHTS_SOURCE is neither https:// nor s3://" ;;
  esac
  mv "$target.part" "$target"
}

# the hash that was written beside an object when it went up
mirrored_hash() {
  s3_credentials | curl -fsSI --retry 5 -K - "$(s3_url "$1" "$WEIGHTS_MIRROR")" 2>/dev/null |
    tr -d '\r' | sed -n 's/^[Xx]-[Aa]mz-[Mm]eta-[Ss]ha256: *//p'
}

upload() {
  file="$WEIGHTS_FOLDER/$1"
  [ "$(wc -c < "$file")" -le "$LARGEST_PUT" ] ||
    fail "$1 is larger than 5 GiB, which one upload takes; put it there with: aws s3 cp FILE $WEIGHTS_MIRROR/$1 --metadata sha256=$2"
  s3_credentials "$2" | curl -fsS --retry 5 --retry-connrefused -K - -H "x-amz-meta-sha256: $2" -T "$file" "$(s3_url "$1" "$WEIGHTS_MIRROR")" ||
    fail "$1 cannot be uploaded to $WEIGHTS_MIRROR"
}

[ -s "$WEIGHTS_MANIFEST" ] || fail "the list of files $WEIGHTS_MANIFEST is missing or empty"
while read -r wanted path; do
  file="$WEIGHTS_FOLDER/$path"
  if [ -n "${WEIGHTS_MIRROR:-}" ] && [ "$(mirrored_hash "$path")" = "$wanted" ]; then
    echo "$path is in $WEIGHTS_MIRROR already"
    continue
  fi
  if [ ! -f "$file" ]; then
    [ -n "${WEIGHTS_SOURCE:-}" ] || fail "$path is not in $WEIGHTS_FOLDER, and no source is given to fetch it from"
    echo "fetching $path"
    fetch "$path" || fail "$path cannot be fetched from $WEIGHTS_SOURCE: $why"
  fi
  found="$(sha256sum "$file" | cut -d ' ' -f 1)"
  if [ "$found" != "$wanted" ]; then
    # what was fetched is of no use, and would be taken for whole the next time
    [ -z "${WEIGHTS_SOURCE:-}" ] || rm -f "$file"
    fail "$path has the SHA-256 $found; the verdict is about $wanted"
  fi
  echo "$path is as judged"
  if [ -n "${WEIGHTS_MIRROR:-}" ]; then
    upload "$path" "$wanted"
    echo "$path is in $WEIGHTS_MIRROR now"
    rm -f "$file"
  fi
done < "$WEIGHTS_MANIFEST"
printf 'sha256:%s' "$(sha256sum "$WEIGHTS_MANIFEST" | cut -d ' ' -f 1)" > "$message"
