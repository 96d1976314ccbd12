#!/bin/sh
# Install the Debian packages that the builder (book) or its tests (test) need and this
# machine lacks: as root with apt, otherwise by telling the one line to run.
set -eu

book="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1"
test="$book calibre chromium default-jre-headless ghostscript maven poppler-utils qpdf"
# where Node comes from elsewhere, Debian's would stand in its way
command -v node >/dev/null && command -v npm >/dev/null || test="$test nodejs npm"

case "${1:-book}" in
    book) wanted=$book ;;
    test) wanted=$test ;;
    *) echo "usage: tools/system.sh book|test" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || exit 0
missing=""
python=${PYTHON:-python3}
"$python" -c "import ensurepip" 2>/dev/null || missing=" python3-venv"
for package in $wanted; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
    echo "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086 - the list is words
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "this machine lacks packages; run:" >&2
    echo "    sudo apt-get install$missing" >&2
    exit 3
fi
