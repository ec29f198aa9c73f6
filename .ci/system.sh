#!/bin/sh
# system.sh WHAT "PACKAGES" "PURPOSE": installs Debian packages where WHAT (a program or a shared library) is missing.
# As root it installs them; otherwise it says which are missing and goes on, since the app and most tests run without.
what=$1 packages=$2 purpose=$3
command -v "$what" >/dev/null 2>&1 && exit 0
PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$what" && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for $purpose: $packages"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null && exit 0
fi
echo "Missing for $purpose: $packages. Install them as root (Debian, Ubuntu: apt-get install $packages); going on without."
exit 0
