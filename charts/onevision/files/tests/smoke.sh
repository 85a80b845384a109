#!/bin/sh
# `helm test`: does the release answer, and is it shut where it must be? Needs sh and curl. Never prints the API key.
set -eu

message="${TERMINATION_MESSAGE_FILE:-/dev/termination-log}"
answer="${TMPDIR:-/tmp}/answer"

fail() {
  echo "OVK-TST: $1" | tee "$message" >&2
  exit 1
}

# METHOD PATH [BODY]; prints the status, leaves the answer in a file. The key goes in by standard input, where no list of processes shows it.
ask() {
  { [ -z "${TEST_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$(printf '%s' "$TEST_KEY" | head -n 1)"; } |
    curl -sS --config - --max-time "${TEST_SECONDS:-120}" -o "$answer" -w '%{http_code}' -X "$1" ${3:+-H 'Content-Type: application/json' --data "$3"} "$TEST_URL$2" || true
}

# WANTED WHAT STATUS
expect() {
  [ "$1" = "$3" ] || fail "$2: HTTP $3 instead of $1: $(head -c 300 "$answer" 2> /dev/null || true)"
  echo "$2: HTTP $3"
}

command -v curl > /dev/null || fail "there is no curl in this image: set tests.enabled: false"
expect 200 "health" "$(ask GET /health)"
expect 200 "the list of models" "$(ask GET /v1/models)"
grep -q "\"$TEST_MODEL\"" "$answer" || fail "the list of models does not hold $TEST_MODEL"
question="{\"model\":\"$TEST_MODEL\",\"messages\":[{\"role\":\"user\",\"content\":\"Say yes.\"}],\"max_tokens\":8,\"temperature\":0}"
expect 200 "a completion" "$(ask POST /v1/chat/completions "$question")"
grep -Eq '"content": *"[^"]' "$answer" || fail "the completion is empty: $(head -c 300 "$answer")"
if [ "${TEST_PROXY:-}" = yes ]; then
  expect 404 "a path that is not on the list" "$(ask POST /tokenize '{}')"
  expect 404 "metrics on the public port" "$(ask GET /metrics)"
  expect 405 "a method that is not on the list" "$(ask DELETE /v1/models)"
  if [ -n "${TEST_KEY:-}" ]; then
    expect 401 "no key" "$(TEST_KEY='' ask GET /v1/models)"
    expect 401 "a wrong key" "$(TEST_KEY=this-is-not-the-key ask GET /v1/models)"
  fi
fi
printf 'all as it should be' > "$message"
