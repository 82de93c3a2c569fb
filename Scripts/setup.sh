#!/usr/bin/env bash
# Installs the system packages that building and testing need, if they are missing. Uses apt-get and nothing else; as
# another user than root it asks sudo.
set -euo pipefail

packages=(libyaml-dev libcurl4-openssl-dev libsqlite3-dev libdeflate-dev zlib1g-dev pkg-config python3 openssl)

if ! command -v swift >/dev/null; then
  echo "Swift is not installed. Get Swift 6.3 or newer from https://www.swift.org/install/ and run this again." >&2
  exit 3
fi

if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian-like system. Install what these packages hold by your own package manager:" >&2
  echo "  ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  if [[ "$status" != installed ]]; then missing+=("$package"); fi
done
# pkgconf takes the place of pkg-config, a self-built Python or OpenSSL that of the package.
command_exists() { command -v "$1" >/dev/null; }
for index in "${!missing[@]}"; do
  case "${missing[$index]}" in
    pkg-config | python3 | openssl) if command_exists "${missing[$index]}"; then unset "missing[$index]"; fi ;;
  esac
done
if ((${#missing[@]} == 0)); then exit 0; fi

as_root=()
if ((EUID != 0)); then
  if ! command_exists sudo; then
    echo "These packages are missing, and there is no sudo to install them with: ${missing[*]}" >&2
    echo "Run as root: apt-get install ${missing[*]}" >&2
    exit 3
  fi
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
