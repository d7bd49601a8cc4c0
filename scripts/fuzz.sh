#!/usr/bin/env bash
# Runs fuzz/main.py. First installs the Python packages of fuzz/requirements.txt into a virtual environment if they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'fuzz: %s\n' "$1" >&2
  exit 1
}

command -v python3 >/dev/null || fail 'Python is not installed. Run: sudo apt-get install -y python3 python3-venv (macOS: brew install python)'
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "$(python3 --version) is too old: 3.10 or newer is needed"
packages=$(cksum <fuzz/requirements.txt | cut -d ' ' -f 1)
folder=${BULKHEAD_CACHE:-$HOME/.cache/bulkhead}/fuzz-$packages
if [ ! -e "$folder/installed" ]; then
  echo "fuzz: pip install -r fuzz/requirements.txt into $folder"
  python3 -m venv "$folder" || fail 'python3 has no venv. Run: sudo apt-get install -y python3-venv'
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r fuzz/requirements.txt || fail 'pip install failed: see above'
  touch "$folder/installed"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$folder/bin/python" fuzz/main.py
