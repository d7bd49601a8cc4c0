# Starts the node's processes in their own control group, and stops all processes in it. Child processes inherit the membership, and no
# other process can get it, unlike a process ID. So this finds everything that the node started, including pods and orphans, and nothing
# else.
# shellcheck shell=bash

CONTROL_GROUP=bulkhead-cluster

# Lists the folders of the control group: one in cgroup v2, one for each controller in v1.
control_group_roots() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo /sys/fs/cgroup
  else
    awk '$3 == "cgroup" { print $2 }' /proc/mounts
  fi
}

# Lists the folders whose cgroup.procs contains the members. In v1, that is the controller `pids`, which contains every pod.
members_root() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo "/sys/fs/cgroup/$CONTROL_GROUP"
  else
    echo "/sys/fs/cgroup/pids/$CONTROL_GROUP"
  fi
}

# take_lock [SECONDS]: nobody else can start or stop the node until this process ends. Processes that it starts must not inherit file
# descriptor 9.
take_lock() {
  local lock=/run/lock/bulkhead-cluster.lock
  exec 9>"$lock"
  flock --nonblock 9 || {
    say 'waiting for another make cluster or make cluster-down to end'
    flock --timeout "${1:-3600}" 9 || fail "the other command is still running. To find it, run: fuser $lock"
  }
}

make_control_group() {
  local root controller controllers
  for root in $(control_group_roots); do
    mkdir -p "$root/$CONTROL_GROUP"
    [ -e "$root/cgroup.controllers" ] || continue
    read -ra controllers <"$root/cgroup.controllers"
    for controller in "${controllers[@]}"; do
      echo "+$controller" >"$root/cgroup.subtree_control"
      echo "+$controller" >"$root/$CONTROL_GROUP/cgroup.subtree_control"
    done
  done
  mkdir -p "$(members_root)/daemons"
}

remove_control_group() {
  local root
  for root in $(control_group_roots); do
    [ ! -d "$root/$CONTROL_GROUP" ] || find "$root/$CONTROL_GROUP" -depth -type d -exec rmdir {} +
  done
}

# Prints the start time of a process from /proc/ID/stat: together with the ID, it identifies a process forever. Prints nothing for a zombie.
# The fields are counted after the name, which may contain spaces.
start_time() { sed 's/.*) //; /^Z/d' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# start NAME COMMAND...
start() {
  local name=$1
  shift
  (
    echo "$BASHPID" >"$(members_root)/daemons/cgroup.procs"
    exec setsid "$@"
  ) >>"$STATE/log/$name.log" 2>&1 </dev/null 9>&- &
  echo "$! $(start_time $!)" >"$STATE/run/$name.pid"
}

is_running() {
  local id started
  read -r id started 2>/dev/null <"$STATE/run/$1.pid" && [ "$(start_time "$id")" = "$started" ]
}

# wait_for SECONDS WHAT COMMAND...: waits until the command succeeds. Fails at once if one of our processes ends.
wait_for() {
  local limit=$((SECONDS + $1)) what=$2 file name
  shift 2
  until "$@" >/dev/null 2>&1; do
    for file in "$STATE"/run/*.pid; do
      name=$(basename "$file" .pid)
      is_running "$name" || fail "$name ended: $(tail -n 1 "$STATE/log/$name.log"). Its log: $STATE/log/$name.log"
    done
    [ "$SECONDS" -lt "$limit" ] || fail "$what was not ready in time. The logs are in $STATE/log. To start a new node, run: make cluster-down cluster"
    sleep 0.2
  done
}

# members [FOLDER]: prints the IDs of the processes in the control group, or in a folder of it
members() {
  local root
  root=$(members_root)${1:+/$1}
  [ ! -d "$root" ] || find "$root" -name cgroup.procs -exec cat {} + 2>/dev/null
}

# stop_members SECONDS [FOLDER]: asks the processes to end, and kills them after that time.
stop_members() {
  local limit=$((SECONDS + $1)) ids signal
  while ids=$(members "${2:-}") && [ -n "$ids" ]; do
    [ "$SECONDS" -lt "$((limit + 20))" ] || fail "these processes did not end: $(xargs <<<"$ids")"
    if [ "$SECONDS" -lt "$limit" ]; then signal=TERM; else signal=KILL; fi
    # shellcheck disable=SC2086
    kill -s "$signal" $ids 2>/dev/null || true
    sleep 0.2
  done
}

# stop_daemon NAME: stops a process that `start` started
stop_daemon() {
  local id limit=$((SECONDS + 10)) signal=TERM
  while is_running "$1"; do
    read -r id _ <"$STATE/run/$1.pid"
    kill -s "$signal" "$id" 2>/dev/null || true
    [ "$SECONDS" -lt "$limit" ] || signal=KILL
    sleep 0.1
  done
}
