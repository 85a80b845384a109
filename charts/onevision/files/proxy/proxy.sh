#!/bin/sh
# Runs the proxy in front of the engine: writes nginx's configuration from the chart's template, the addresses in the environment and the API
# keys of the Secret; starts nginx; and when the pod goes, lets answers under way finish before it says so to the engine's container.
# Needs sh, sed, cat, mkfifo, nginx. Never prints a key.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
message="${TERMINATION_MESSAGE_FILE:-/dev/termination-log}"

fail() {
  echo "OVK-PRX: $1" | tee "$message" >&2
  exit 1
}

# One key a line, so that two hold while a key is changed. Bearer tokens are [A-Za-z0-9-._~+/]+=* (RFC 6750, 2.1), which needs no quoting here.
key_map() {
  if [ -z "${PROXY_KEY_FILE:-}" ]; then
    echo 'map $ovkit_shown $ovkit_key { default 1; }'
    return
  fi
  [ -s "$PROXY_KEY_FILE" ] || fail "the Secret holds no API key, or an empty one"
  echo 'map $ovkit_shown $ovkit_key {'
  echo '  default 0;'
  count=0
  while read -r key || [ -n "$key" ]; do
    [ -n "$key" ] || continue
    case "$key" in
      *[!A-Za-z0-9._~+/=-]*) fail "an API key holds a character that no bearer token may hold (RFC 6750): letters, digits and -._~+/= are allowed" ;;
    esac
    [ "${#key}" -ge 16 ] || fail "an API key has ${#key} characters; 16 or more are needed"
    [ "${#key}" -le 512 ] || fail "an API key has ${#key} characters; 512 are the most"
    # a plain text in a map is compared without regard to case, a regular expression is not
    printf '  "~^(?i:Bearer) \\Q%s\\E\\z" 1;\n' "$key"
    count=$((count + 1))
  done < "$PROXY_KEY_FILE"
  [ "$count" -gt 0 ] || fail "the Secret holds no API key, or an empty one"
  echo '}'
}

command -v nginx > /dev/null ||
  fail "there is no nginx in this image. Build the image from the kit's recipe, name another one in proxy.image, or set proxy.enabled: false"
rm -f "$PROXY_FOLDER/drained"
mkdir -p "$PROXY_FOLDER/body" "$PROXY_FOLDER/temp"
umask 077
key_map > "$PROXY_FOLDER/key.conf"
# nginx started by root would make its workers nobody; a pod never is root, a process of a rehearsal may be
user=""
[ "$(id -u)" != 0 ] || user="user root root;"
sed -e "s|@USER@|$user|g" -e "s|@LISTEN@|$PROXY_LISTEN|g" -e "s|@ENGINE@|$PROXY_ENGINE|g" -e "s|@FOLDER@|$PROXY_FOLDER|g" "$PROXY_TEMPLATE" > "$PROXY_FOLDER/nginx.conf"

# nginx opens /dev/stdout by its name, which whoever runs as a number may not do where a runtime made it
rm -f "$PROXY_FOLDER/log"
mkfifo "$PROXY_FOLDER/log"
cat "$PROXY_FOLDER/log" &
nginx -p "$PROXY_FOLDER" -c "$PROXY_FOLDER/nginx.conf" -e stderr -g 'daemon off;' > "$PROXY_FOLDER/log" &
nginx=$!
# QUIT: no new requests, those under way are finished
trap 'kill -QUIT "$nginx" 2> /dev/null || true' TERM INT
status=0
# a signal interrupts wait, which then says more than 128
while kill -0 "$nginx" 2> /dev/null; do
  status=0
  wait "$nginx" || status=$?
done
: > "$PROXY_FOLDER/drained"
exit "$status"
