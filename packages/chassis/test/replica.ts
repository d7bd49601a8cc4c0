import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export type Replica = { child: ChildProcess; ended: Promise<unknown>; stop: () => Promise<void> }

/** Starts a fixture as a process of its own and waits until it is ready. It ends with its parent. */
export async function replica(fixture: string, environment: Record<string, string>): Promise<Replica> {
  const child = fork(join(import.meta.dirname, 'fixtures', fixture), {
    env: { ...process.env, ...environment },
    execArgv: []
  })
  const ended = once(child, 'exit')
  await Promise.race([once(child, 'message'), ended])
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { child, ended, stop }
}

/** Whether the process runs on. */
export const lives = ({ child }: Replica) => child.exitCode === null && child.signalCode === null

/** Has a publisher count, and resolves when it answered or died. */
export async function ask({ child, ended }: Replica, id: string) {
  const answer = once(child, 'message')
  child.send(id, () => undefined) // it fails where the replica died, which `ended` tells
  await Promise.race([answer, ended])
}
