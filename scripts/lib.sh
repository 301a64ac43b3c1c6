# Shared by the scripts of this folder: finds Python and the system's packages, keeps .venv as the requirements say.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*"; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Installs Debian packages when we may; else names the command and stops.
#   apt_install WHAT-FOR PACKAGE…
apt_install() {
  local purpose=$1
  shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing $* ($purpose) …"
    if apt-get update -qq </dev/null &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null; then
      return
    fi
  fi
  die "Missing: $purpose. Install it, then start again. Debian and Ubuntu: sudo apt install $*"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Prints the first Python from 3.11 on; nothing when there is none.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
      say "$candidate"
      return
    fi
  done
}

# Makes .venv when it is missing or its Python is gone.
make_venv() {
  if [ -x .venv/bin/python ] && is_new_enough .venv/bin/python; then
    return
  fi
  local python
  python=$(find_python)
  if [ -z "$python" ]; then
    apt_install "Python 3.11 or newer" python3 python3-venv
    python=$(find_python)
    [ -n "$python" ] || die "This system's Python is older than 3.11. Set PYTHON=/path/to/python3 and start again."
  fi
  # Debian packs the part of `venv` that brings pip apart from Python
  "$python" -c 'import venv, ensurepip' 2>/dev/null || apt_install "Python's venv module" "$(basename "$python")-venv"
  say "Making .venv with $("$python" --version) …"
  "$python" -m venv --clear .venv
}

# True when FILE is the one that was last recorded in STAMP.
#   is_fresh FILE STAMP
is_fresh() { [ -f "$2" ] && [ "$(sha256sum <"$1")" = "$(cat "$2")" ]; }

# Installs what FILE names, exactly those hashes, unless nothing changed since the last time.
#   install_requirements FILE
install_requirements() {
  make_venv
  local stamp=".venv/.$1.sha256"
  if is_fresh "$1" "$stamp"; then
    return
  fi
  say "Installing $1 into .venv (once; a minute or two) …"
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  .venv/bin/python -m pip install --quiet --quiet --require-hashes -r "$1"
  sha256sum <"$1" >"$stamp"
}

# Node with npm, for the format and the type check of the browser part; Debian 12's Node 18 is enough for those.
need_node() {
  command -v npm >/dev/null && command -v node >/dev/null ||
    apt_install "Node.js 18 or newer with npm, for the checks of the browser part" nodejs npm
}

# Installs the locked development packages of package.json unless nothing changed since the last time.
install_node_modules() {
  need_node
  if is_fresh package-lock.json node_modules/.package-lock.sha256; then
    return
  fi
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  sha256sum <package-lock.json >node_modules/.package-lock.sha256
}

# Prints the browser that the tests drive; nothing when there is none.
find_chromium() {
  local candidate
  for candidate in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
    if command -v "$candidate"; then
      return
    fi
  done
}

# Runs the Node that Playwright brings: it drives the browser, and runs the tests of the browser's modules.
driver_node() { .venv/lib/python3*/site-packages/playwright/driver/node "$@"; }

# Makes sure that Playwright's Node can start: a small Debian lacks one of its libraries.
need_driver_node() {
  driver_node --version >/dev/null 2>&1 || apt_install "libatomic, which Playwright's driver needs" libatomic1
  driver_node --version >/dev/null || die "Playwright's driver does not start."
}

# Makes sure that there is a browser, and sets CHROMIUM.
need_chromium() {
  CHROMIUM=$(find_chromium)
  if [ -z "$CHROMIUM" ]; then
    apt_install "Chromium, which the browser tests drive" chromium
    CHROMIUM=$(find_chromium)
  fi
  export CHROMIUM
}

# Prints the folder of the newest PostgreSQL server's programs; nothing when there is none.
find_postgres() {
  local initdb
  initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  if [ -x "$initdb" ]; then
    dirname "$initdb"
  elif command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
    dirname "$(command -v initdb)"
  fi
}

# Makes sure that there is a PostgreSQL server to start.
need_postgres() {
  [ -n "$(find_postgres)" ] || apt_install "PostgreSQL, on which the row tests run a second time" postgresql
  [ -n "$(find_postgres)" ] || die "initdb is still missing: neither in /usr/lib/postgresql/*/bin nor on the PATH."
}

# Makes sure that there is a C compiler, for the two small programs that the bench compares and loads with.
need_cc() {
  command -v cc >/dev/null || apt_install "a C compiler, for the bench" gcc libc6-dev
}

# Makes sure that there is a Redis to start.
need_redis() {
  command -v redis-server >/dev/null || apt_install "Redis, through which several serving processes hear each other" redis-server
}

# Makes sure that there is a Janus to start. Its package may have started a service of its own, which is open to all.
need_janus() {
  command -v janus >/dev/null || apt_install "Janus, the media server" janus
}

# Makes sure that there is an nginx to start. Its package may have started a service of its own on port 80.
need_nginx() {
  [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || apt_install "nginx, a proxy in front" nginx-light
}

# Makes sure that there is a coturn to start.
need_coturn() {
  command -v turnserver >/dev/null || apt_install "coturn, the relay for people behind strict networks" coturn
}

# Prints the address by which this machine reaches others, or that of scripts/in-namespace; nothing when it has neither.
find_own_address() {
  command -v ip >/dev/null || apt_install "the ip command, which tells this machine's addresses" iproute2
  # a question to the routing table; nothing is sent
  if ! ip -oneline -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p' | grep .; then
    ! is_in_namespace || say 127.0.0.2
  fi
}

# Whether this is a network of scripts/in-namespace.
is_in_namespace() { ip -oneline -4 addr show dev media0 2>/dev/null | grep -q ' 127\.0\.0\.2/'; }

# Whether scripts/in-namespace can work.
can_make_namespaces() {
  command -v ip >/dev/null || apt_install "the ip command, which sets networks up" iproute2
  command -v unshare >/dev/null || apt_install "the unshare command, which makes namespaces" util-linux
  local user=()
  [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  unshare "${user[@]}" --net -- true 2>/dev/null
}

failed=()

# Runs one step of several; a step that fails is remembered, and the next one still runs.
#   step NAME COMMAND…
step() {
  local name=$1
  shift
  say "== $name"
  "$@" </dev/null || failed+=("$name")
}

# The last line of a script made of steps. Fails when a step did.
#   finish WHAT
finish() {
  [ ${#failed[@]} = 0 ] || die "Failed: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
  say "$1"
}
