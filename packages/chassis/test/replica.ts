import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundled } from '@bulkhead/testing/bundled'
import { PATIENCE } from '@bulkhead/testing/until'

export type Replica = { child: ChildProcess; ended: Promise<unknown>; stop: () => Promise<void> }

/** Starts a fixture as a process of its own and waits until it is ready. It ends with its parent. */
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

/** Waits for a message of the process. Rejects with `otherwise` when none comes. */
async function messageOf(child: ChildProcess, otherwise: string) {
  await once(child, 'message', { signal: AbortSignal.timeout(PATIENCE) }).catch(cause => {
    throw new Error(`${otherwise} within ${PATIENCE} ms`, { cause })
  })
}

/** Whether the process runs on. */
export const lives = ({ child }: Replica) => child.exitCode === null && child.signalCode === null

/** Has a publisher count, and resolves when it answered or died. */
export async function ask({ child, ended }: Replica, id: string) {
  const answer = messageOf(child, `The publisher has not counted ${id}`)
  child.send(id, () => undefined) // it fails where the replica died, which `ended` tells
  await Promise.race([answer, ended])
}
