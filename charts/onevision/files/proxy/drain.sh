#!/bin/sh
# preStop of the engine: waits until the proxy has finished the answers under way, since the engine would cut them off. The time of grace of
# the pod bounds it, and DRAIN_SECONDS before that, so that the engine still has a moment to end by itself.
set -eu
left="$DRAIN_SECONDS"
while [ ! -e "$PROXY_FOLDER/drained" ] && [ "$left" -gt 0 ]; do
  sleep 1
  left=$((left - 1))
done
