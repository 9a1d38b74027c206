#!/bin/bash
# Installs Prometheus and Alertmanager if apt has them; without them everything else still runs.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

missing=()
command -v prometheus >/dev/null || missing+=(prometheus)
command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null || missing+=(prometheus-alertmanager)
[ ${#missing[@]} = 0 ] && exit 0

if apt_install "${missing[@]}"; then
  for service in "${missing[@]}"; do # nor may they start with the machine and take the ports
    if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
      $([ "$(id -u)" = 0 ] || echo sudo) systemctl disable --now "$service" >/dev/null 2>&1 || true
    fi
  done
else
  echo "going on without ${missing[*]}: to have them, install releases of prometheus.io and put the programs on PATH" >&2
fi
