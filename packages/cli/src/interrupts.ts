import { isatty } from 'node:tty'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Milliseconds between two looks whether the terminal is there. */
const LOOK = 2_000

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
  // Where make is what the terminal ran, the hang-up is make's alone, which does not pass it on; but what was the terminal is none any more.
  const terminal = [0, 1, 2].find(isatty)
  if (terminal !== undefined) {
    const looking = setInterval(() => {
      if (isatty(terminal)) return
      clearInterval(looking)
      stop.abort()
    }, LOOK).unref()
  }
  return { stop: stop.signal, kill: kill.signal }
}
