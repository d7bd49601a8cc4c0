import { isatty } from 'node:tty'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** The pause between two checks of the terminal (ms). */
const CHECK_INTERVAL = 2_000

/**
 * Handles interrupts of this process. The first Ctrl-C aborts `stop`; so do SIGTERM, a closed terminal and the end of bin/bulkhead.js. The
 * second interrupt aborts `kill` and exits.
 */
export function handleInterrupts(): { stop: AbortSignal; kill: AbortSignal } {
  const stop = new AbortController()
  const kill = new AbortController()
  const interrupt = () => {
    if (!stop.signal.aborted) return stop.abort()
    kill.abort()
    process.exit(130)
  }
  for (const name of SIGNALS) process.on(name, interrupt)
  process.once('disconnect', () => stop.abort())
  // If make started this process, only make gets the SIGHUP of a closed terminal. But then these streams are no longer terminals.
  const terminal = [0, 1, 2].find(isatty)
  if (terminal !== undefined) {
    const checking = setInterval(() => {
      if (isatty(terminal)) return
      clearInterval(checking)
      stop.abort()
    }, CHECK_INTERVAL).unref()
  }
  return { stop: stop.signal, kill: kill.signal }
}
