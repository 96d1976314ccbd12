#!/bin/sh
# Run a command on a bare Debian, as root on a machine that has debootstrap:
#
#     tools/bare.sh SUITE ROOT [COMMAND ...]
#     tools/bare.sh bookworm /var/tmp/bookworm make book
#
# SUITE is Debian's name of a release. ROOT, a folder, gets debootstrap's smallest system
# with python3, make and git and nothing else, unless it is there from an earlier run. A
# clone of the last commit is put into it as /recension, in place of an older one, and
# COMMAND, or else `.ci/run`, runs there as root; its exit code is the script's. ROOT
# stays, with what was built; nothing stays mounted, so `rm -rf ROOT` takes it away.
#
# How this machine reaches the world goes in with it, as far as it is set: the mirror of
# apt, proxies, certificates of its own, what configures pip, npm and Maven. Its packages,
# caches, locale and other variables stay outside, but for CI.
set -eu

[ $# -ge 2 ] || { echo "usage: tools/bare.sh SUITE ROOT [COMMAND ...]" >&2; exit 2; }
suite=$1
root=$2
shift 2
[ $# -gt 0 ] || set -- .ci/run
[ "$(id -u)" = 0 ] || { echo "tools/bare.sh is for root" >&2; exit 3; }
repository=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)

# the URI of one archive in the sources of this machine's apt, by its label; or nothing
find_source() {
    # shellcheck disable=SC2016 # apt fills in the fields
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n "s/^$1 //p" | head -n 1
}

make_root() {
    mirror=$(find_source Debian)
    security=$(find_source Debian-Security)
    # shellcheck disable=SC2086 # no mirror is no argument
    debootstrap --variant=minbase --include=python3,make,git "$suite" "$root" $mirror
    [ -z "$security" ] ||
        echo "deb $security $suite-security main" >>"$root/etc/apt/sources.list"
}

# the same path inside as outside
bring() {
    for path in "$@"; do
        [ -e "$path" ] || continue
        mkdir -p "$root$(dirname "$path")"
        cp -RL "$path" "$root$(dirname "$path")"
    done
}

# the variables that say where a client goes and whom it trusts, a line each
say_variables() {
    pip='pip_(index_url|extra_index_url|trusted_host|proxy|cert|default_timeout)'
    npm='npm_config_(registry|cafile|https?_proxy|noproxy)|node_extra_ca_certs'
    java='maven_opts|maven_args|java_tool_options'
    trust='ssl_cert_(file|dir)|requests_ca_bundle|curl_ca_bundle'
    env | grep -iE "^(CI|(https?|no)_proxy|$pip|$npm|$java|$trust)=" || true
}

# debootstrap takes its own folder away when it is done
{ [ -e "$root/etc/debian_version" ] && [ ! -e "$root/debootstrap" ]; } || make_root
root=$(cd "$root" && pwd)
apt-config dump | grep -iE '^Acquire::(https?::|Check-)' \
    >"$root/etc/apt/apt.conf.d/01machine" || true
bring /etc/hosts /etc/resolv.conf /usr/local/share/ca-certificates \
    /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf" \
    "$HOME/.npmrc" "$HOME/.m2/settings.xml"
rm -rf "$root/recension"
git clone --quiet --no-hardlinks "$repository" "$root/recension"

# mounts and processes of the root end with the namespaces they are in
say_variables | (
    set -- sh -euc 'cd /recension && exec "$@"' sh "$@"
    while IFS= read -r variable; do set -- "$variable" "$@"; done
    # shellcheck disable=SC2016 # the inner shell fills in
    exec unshare --mount --pid --fork --kill-child sh -euc '
        root=$1
        shift
        mount --types proc proc "$root/proc"
        mount --types sysfs sysfs "$root/sys"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" env --ignore-environment HOME="$HOME" \
            PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' sh "$root" "$@" </dev/null
)
