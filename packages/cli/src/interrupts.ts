const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** `stop` is aborted by the first Ctrl-C (or SIGTERM, a closed terminal, the end of bin/bulkhead.js), `kill` by a second one, after which the process exits. */
export function untilInterrupted(): { stop: AbortSignal; kill: AbortSignal } {
  const stop = new AbortController()
  const kill = new AbortController()
  const interrupt = () => {
    if (!stop.signal.aborted) return stop.abort()
    kill.abort()
    process.exit(130)
  }
  for (const name of SIGNALS) process.on(name, interrupt)
  process.once('disconnect', () => stop.abort())
  return { stop: stop.signal, kill: kill.signal }
}
