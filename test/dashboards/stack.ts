import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Target } from './prometheus.ts'

/** A stack to scrape. `end` stops it if it was started for the test. */
export type TestedStack = { targets: Target[]; end(): Promise<void> }

type Status = { running: boolean; services: { service: string; management: string }[] }

const START_LIMIT = 300_000
const run = promisify(execFile)

/** Returns the stack that runs at PORT_BASE, or starts one. */
export async function runningStack(root: string, say: (line: string) => void): Promise<TestedStack> {
  const bulkhead = (...args: string[]) =>
    run('node', ['packages/cli/bin/bulkhead.js', ...args], { cwd: root, timeout: START_LIMIT })
  // Status exits with 1 if a service is not ready, and prints the status all the same.
  const status = async (): Promise<Status> =>
    JSON.parse((await bulkhead('status', '--json').catch(error => error as { stdout: string })).stdout)
  const isMine = !(await status()).running
  const end = async () => {
    if (isMine) await bulkhead('down')
  }
  if (isMine) {
    say('starting a stack')
    await bulkhead('up', '--detach').catch(async error => {
      await end()
      throw error
    })
  }
  const { services } = await status()
  return {
    targets: services.map(({ service, management }) => ({
      address: new URL(management).host,
      labels: { namespace: 'local', service }
    })),
    end
  }
}
