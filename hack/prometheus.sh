#!/usr/bin/env bash
# prometheus.sh prometheus|promtool ARGUMENT...: Prometheus itself, to scrape with, or its tool, to check rules with: from PATH, else from Debian's package,
# unpacked into the cache.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

program="$(command -v "$1")" || program="$(debian_root prometheus prometheus)/usr/bin/$1"
exec "$program" "${@:2}"
