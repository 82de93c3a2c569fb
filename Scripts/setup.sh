#!/usr/bin/env bash
# Installs the system packages that building and testing need, if they are missing. Uses apt-get and nothing else; as
# another user than root it asks sudo.
set -euo pipefail

packages=(libyaml-dev libcurl4-openssl-dev libsqlite3-dev libdeflate-dev zlib1g-dev pkg-config)
# The packages come from GitHub by git; Python and OpenSSL are for tests and the demo.
packages+=(git ca-certificates python3 openssl)

if ! command -v swift >/dev/null; then
  echo "Swift is not installed. Get Swift 6.3 or newer from https://www.swift.org/install/ and run this again." >&2
  exit 3
fi
if ! answer=$(swift --version 2>&1); then
  echo "Swift is installed but does not start: $answer" >&2
  echo "It needs some packages itself, see https://www.swift.org/install/linux/. For Debian 12, as root:" >&2
  echo "  apt-get install binutils-gold gcc git libedit-dev libncurses-dev libpython3-dev libstdc++-12-dev \\" >&2
  echo "    libxml2-dev libz3-dev tzdata" >&2
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
# pkgconf takes the place of pkg-config, a self-built git, Python or OpenSSL that of the package.
command_exists() { command -v "$1" >/dev/null; }
for index in "${!missing[@]}"; do
  case "${missing[$index]}" in
    pkg-config | git | python3 | openssl)
      if command_exists "${missing[$index]}"; then unset "missing[$index]"; fi ;;
    ca-certificates) if [[ -e /etc/ssl/certs/ca-certificates.crt ]]; then unset "missing[$index]"; fi ;;
  esac
done
# The C++ headers that Swift's packages for Linux ask for, by whatever name the distribution has them.
if ! compgen -G '/usr/include/c++/*/cstddef' >/dev/null; then missing+=(g++); fi
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
# Another apt may be at work, on a machine that has just been started for instance.
apt=(apt-get -qq -o DPkg::Lock::Timeout=120)
"${as_root[@]}" "${apt[@]}" update || echo "the package lists could not all be brought up to date" >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
