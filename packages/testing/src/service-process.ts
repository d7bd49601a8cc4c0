import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { issuer } from './callers.ts'

/**
 * Starts a service's program as a process, on free ports. It trusts the tokens of `callers` and drains without a pause. It does not inherit
 * the environment of this process: `environment` adds the variables that it needs.
 */
export function serviceProcess(program: string, environment: Record<string, string>) {
  const defaults = { HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', DRAIN_SECONDS: '0', ...issuer }
  const { NODE_COMPILE_CACHE, BULKHEAD_TEST_RUN } = process.env
  const env = { ...defaults, NODE_COMPILE_CACHE, BULKHEAD_TEST_RUN, ...environment }
  const child = spawn(process.execPath, [program], { env })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const ended = once(child, 'close').finally(() => process.off('exit', end))
  const written = { out: '', error: '' }
  child.stdout.on('data', text => {
    written.out += text
  })
  child.stderr.on('data', text => {
    written.error += text
  })
  const lines = (): Record<string, unknown>[] =>
    written.out
      .split('\n')
      .slice(0, -1) // The last line may not be complete yet.
      .map(line => JSON.parse(line))
  return {
    /** Resolves with the exit code and the signal when it ends. */
    ended: ended as Promise<[code: number | null, signal: string | null]>,
    /** The standard output and the standard error of the process so far. */
    written,
    /** Returns the lines of its log so far. */
    lines,
    /** Resolves with the URL of its API when it logs `ready`. Rejects with its standard error if it ends before that. */
    async ready() {
      const ready = () => lines().find(({ msg }) => msg === 'ready')
      for (let end: unknown[] | undefined; !ready(); ) {
        if (end) throw new Error(`The process ended with ${end[0] ?? end[1]}:\n${written.error}`)
        end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended])
      }
      return `http://127.0.0.1:${ready()!.port}`
    },
    stop: (signal: NodeJS.Signals = 'SIGTERM') => child.kill(signal)
  }
}
