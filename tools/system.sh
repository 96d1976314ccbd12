#!/bin/sh
# Install the Debian packages that the builder (book) or its tests (test) need and this
# machine lacks: as root with apt, otherwise by telling the one line to run. Then see that
# Python is as new as pyproject.toml wants it.
set -eu

book="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1"
# npm and Maven trust the certificates; libatomic1 is for the node that Playwright brings;
# WebKit's driver brings WebKit, and Xvfb is its screen
test="$book ca-certificates calibre chromium default-jre-headless ghostscript libatomic1
    maven poppler-utils qpdf webkit2gtk-driver xvfb"
# where Node comes from elsewhere, Debian's would stand in its way
command -v node >/dev/null && command -v npm >/dev/null || test="$test nodejs npm"

case "${1:-book}" in
    book) wanted=$book ;;
    test) wanted=$test ;;
    *) echo "usage: tools/system.sh book|test" >&2; exit 2 ;;
esac

python=${PYTHON:-python3}
install_missing() {
    missing=""
    "$python" -c "import ensurepip" 2>/dev/null || missing=" python3-venv"
    for package in $wanted; do
        state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" \
            2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    if [ "$(id -u)" = 0 ]; then
        echo "installing$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086 # the list is words
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "this machine lacks packages; run:" >&2
        echo "    sudo apt-get install$missing" >&2
        exit 3
    fi
}

if command -v dpkg-query >/dev/null; then install_missing; fi

floor=$(sed -n 's/^requires-python = ">=\(.*\)"$/\1/p' "$(dirname "$0")/../pyproject.toml")
older='import sys; sys.exit(list(sys.version_info) < [*map(int, sys.argv[1].split("."))])'
if ! "$python" -c "$older" "$floor"; then
    echo "Python $floor or later is needed; if you have one, run:" >&2
    echo "    make book PYTHON=python3.12" >&2
    exit 3
fi
