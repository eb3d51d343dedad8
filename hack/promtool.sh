#!/usr/bin/env bash
# promtool.sh ARGUMENT...: Prometheus' own tool, to check rules with: from PATH, else from Debian's package, unpacked into the cache.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

program="$(command -v promtool)" || program="$(debian_root prometheus prometheus)/usr/bin/promtool"
exec "$program" "$@"
