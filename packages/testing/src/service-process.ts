import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { issuer } from './callers.ts'

/**
 * Runs a service's server.ts as a process of its own, on free ports, with no pause before it drains; it believes the tokens of
 * `callers.ts`. `environment` is added to that, and is all that it gets of this process's, with what marks the run of the tests.
 */
export function serviceProcess(program: string, environment: Record<string, string>) {
  const ground = { HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', DRAIN_SECONDS: '0', ...issuer }
  const { NODE_COMPILE_CACHE, BULKHEAD_TEST_RUN } = process.env
  const env = { ...ground, NODE_COMPILE_CACHE, BULKHEAD_TEST_RUN, ...environment }
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
      .slice(0, -1) // the last is not yet whole
      .map(line => JSON.parse(line))
  return {
    /** The code and the signal that it ended with. */
    ended: ended as Promise<[code: number | null, signal: string | null]>,
    /** What it wrote to its standard output and error. */
    written,
    /** Its log, line by line. */
    lines,
    /** Waits for its line `ready`. Rejects, with what it wrote, when it ends before. Resolves with the URL of its API. */
    async ready() {
      const ready = () => lines().find(({ msg }) => msg === 'ready')
      for (let end: unknown[] | undefined; !ready(); ) {
        if (end) throw new Error(`It ended with ${end[0] ?? end[1]}:\n${written.error}`)
        end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended])
      }
      return `http://127.0.0.1:${ready()!.port}`
    },
    stop: (signal: NodeJS.Signals = 'SIGTERM') => child.kill(signal)
  }
}
