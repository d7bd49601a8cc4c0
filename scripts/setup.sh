#!/usr/bin/env bash
# Installs the missing packages of the stack: npm packages and, if it has permission, system packages. Arguments are additional programs.
# Prints each step, and is fast if nothing is missing. `make up`, `make test` and .ci/run call it. It is a shell script because it runs
# before node_modules has a Node that can run TypeScript.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'setup: %s\n' "$1" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# The machine's Node runs only npm and the launcher of the bulkhead command. Everything else runs on the Node 24 in node_modules.
check_node() {
  local oldest advice
  oldest=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json)
  advice="Install $oldest or newer: https://nodejs.org/en/download"
  has node || fail "Node.js is not installed. $advice"
  has npm || fail "npm is not installed. It comes with Node.js. $advice"
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number)
    const [oldestMajor, oldestMinor] = process.argv[1].split(".").map(Number)
    process.exit(major > oldestMajor || (major === oldestMajor && minor >= oldestMinor) ? 0 : 1)
  ' "$oldest" || fail "Node.js $(node --version) is too old. $advice"
}

install_npm_packages() {
  if ! node scripts/is-installed.js; then
    echo 'setup: npm ci'
    npm ci --no-audit --no-fund --loglevel=error ||
      fail 'npm ci failed: see above. If package-lock.json does not match a package.json, run: npm install'
  fi
  node_modules/node/bin/node --version >/dev/null 2>&1 ||
    fail 'node_modules has no working Node 24. Run: rm -rf node_modules && make setup'
}

# True if there is a JDK 17 or newer. `java -version` prints `version "17.0.15"`, or `version "1.8.0"` for an old JDK.
has_jdk() {
  has javac && java -version 2>&1 | grep -qE 'version "(1[7-9]|[2-9][0-9])'
}

# Debian has Python's virtual environments in a separate package.
has_venv() {
  has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null
}

# Prints missing programs, by the names of the package lists below. With a mongod on the PATH or MONGODB_URL, Java is not needed.
missing_programs() {
  for program in "$@"; do
    if [ "$program" = venv ]; then has_venv || echo venv; else has "$program" || echo "$program"; fi
  done
  has redis-server || echo redis
  if [ -n "${MONGODB_URL:-}" ] || has mongod; then return; fi
  has_jdk || echo jdk
  has mvn || echo maven
}

debian_package() {
  case $1 in
    redis) echo redis-server ;;
    venv) echo python3-venv ;;
    jdk) if apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then echo openjdk-17-jdk-headless; else echo default-jdk-headless; fi ;;
    *) echo "$1" ;;
  esac
}

homebrew_package() {
  case $1 in
    jdk) echo openjdk ;;
    venv) echo python ;;
    faketime) echo libfaketime ;;
    *) echo "$1" ;;
  esac
}

# Installs all packages in one call, so that one message names everything that can't be installed.
install_with_apt() {
  local as_root=() packages=()
  if [ "$(id -u)" != 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then as_root=(sudo -n); else name_command 'sudo apt-get install -y' debian_package "$@"; fi
  fi
  echo 'setup: apt-get update'
  "${as_root[@]}" apt-get update -qq || fail 'apt-get update failed: see above'
  for program in "$@"; do packages+=("$(debian_package "$program")"); done
  echo "setup: apt-get install ${packages[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
    fail "apt-get install ${packages[*]} failed: see above"
}

# name_command COMMAND NAMER PROGRAM...: fails and prints the command that the user must run, because this script may not.
name_command() {
  local command=$1 namer=$2
  shift 2
  for program in "$@"; do command+=" $("$namer" "$program")"; done
  fail "missing: $*. Run: $command"
}

install_system_packages() {
  local missing
  missing=($(missing_programs "$@"))
  [ ${#missing[@]} -gt 0 ] || return 0
  if has apt-get; then
    install_with_apt "${missing[@]}"
  elif has brew; then
    for program in "${missing[@]}"; do
      echo "setup: brew install $(homebrew_package "$program")"
      brew install --quiet "$(homebrew_package "$program")"
    done
  elif [ "$(uname)" = Darwin ]; then
    name_command 'brew install' homebrew_package "${missing[@]}"
  else
    fail "missing: ${missing[*]}. Install redis-server (7 or newer), a JDK (17 or newer) and Maven with your system's package manager"
  fi
  missing=($(missing_programs "$@"))
  [ ${#missing[@]} -eq 0 ] || fail "still missing after the installation: ${missing[*]}"
}

check_node
install_npm_packages
install_system_packages "$@"
