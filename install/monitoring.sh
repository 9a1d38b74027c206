#!/bin/bash
# Prometheus and Alertmanager, where apt has them; without them everything else still runs.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

missing=()
command -v prometheus >/dev/null || missing+=(prometheus)
command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null || missing+=(prometheus-alertmanager)
[ ${#missing[@]} = 0 ] && exit 0

if apt_install "${missing[@]}"; then
  for service in "${missing[@]}"; do # nor shall they start with the machine and take our ports
    if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
      $([ "$(id -u)" = 0 ] || echo sudo) systemctl disable --now "$service" >/dev/null 2>&1 || true
    fi
  done
else
  echo "going on without ${missing[*]}: install from prometheus.io and put the programs on PATH to have them" >&2
fi
