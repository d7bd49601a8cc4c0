import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundled } from '@bulkhead/testing/bundled'
import { PATIENCE } from '@bulkhead/testing/until'

export type Replica = { child: ChildProcess; ended: Promise<unknown>; stop: () => Promise<void> }

/** Starts a fixture as a process, and waits until it is ready. The process ends with its parent. */
export async function replica(fixture: string, environment: Record<string, string>): Promise<Replica> {
  const child = fork(await bundled(join(import.meta.dirname, 'fixtures', fixture)), {
    env: { ...process.env, ...environment },
    execArgv: []
  })
  const ended = once(child, 'exit')
  await Promise.race([messageOf(child, `${fixture} is not ready`), ended])
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { child, ended, stop }
}

/** Waits for a message of the process. Rejects with `otherwise` if no message comes. */
async function messageOf(child: ChildProcess, otherwise: string) {
  await once(child, 'message', { signal: AbortSignal.timeout(PATIENCE) }).catch(cause => {
    throw new Error(`${otherwise} within ${PATIENCE} ms`, { cause })
  })
}

/** Returns whether the process is still running. */
export const lives = ({ child }: Replica) => child.exitCode === null && child.signalCode === null

/** Lets a publisher count. Resolves when the publisher has answered or died. */
export async function ask({ child, ended }: Replica, id: string) {
  const answer = messageOf(child, `The publisher has not counted ${id}`)
  child.send(id, () => undefined) // fails if the replica has died, which `ended` reports
  await Promise.race([answer, ended])
}
