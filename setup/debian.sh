#!/bin/sh
# Install Debian packages when a program is missing: setup/debian.sh PROGRAM PACKAGE…
# Exit code 0: the program is there. 1: it is not, and what to do was said.
set -eu
program=$1
shift
if command -v "$program" >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "$program is missing. On Debian or Ubuntu, as root: apt-get install $*" >&2
    exit 1
fi
echo "Installing $* …"
# Only the programs are wanted: no cluster is made and no service started.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update && apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
command -v "$program" >/dev/null
