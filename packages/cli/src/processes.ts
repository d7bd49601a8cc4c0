import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** A process that is recognised after its starter is gone: a pid alone may have been given to another program since. */
export type Identity = { name: string; pid: number; born: string }

/**
 * When a process was started, as a text to compare and nothing else; undefined when there is no such process (a zombie counts as none).
 * Linux: boot ID and start in clock ticks (proc(5), /proc/pid/stat field 22). Elsewhere: `ps`.
 */
function bornAt(pid: number): string | undefined {
  if (pid <= 0) return undefined
  if (process.platform !== 'linux') return startedBySystem(pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** A process of a pid, to be recorded. */
export const identityOf = (name: string, pid: number): Identity => ({ name, pid, born: bornAt(pid) ?? '' })

/** Whether the very process that was recorded still runs. */
export const runs = ({ pid, born }: Identity) => born !== '' && bornAt(pid) === born

/** Sends a signal to exactly that process; false when it was gone already. */
export function signal(identity: Identity, name: NodeJS.Signals): boolean {
  if (!runs(identity)) return false
  try {
    return process.kill(identity.pid, name)
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/** Milliseconds that a process has to end by itself. */
const STOP_LIMIT = 10_000

/** Asks each to end, waits until none runs, and after `milliseconds` kills what is left. Resolves with the names of those it had to kill. */
export async function endAll(identities: Identity[], milliseconds = STOP_LIMIT): Promise<string[]> {
  for (const identity of identities) signal(identity, 'SIGTERM')
  if (await goneWithin(identities, milliseconds)) return []
  const stubborn = identities.filter(identity => signal(identity, 'SIGKILL'))
  await goneWithin(stubborn, 5_000)
  return stubborn.map(({ name }) => name)
}

async function goneWithin(identities: Identity[], milliseconds: number): Promise<boolean> {
  const limit = Date.now() + milliseconds
  while (identities.some(runs)) {
    if (Date.now() > limit) return false
    await delay(20)
  }
  return true
}

function startedBySystem(pid: number): string | undefined {
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 }).trim() || undefined
    )
  } catch (error) {
    if ((error as { status?: number }).status === 1) return undefined
    throw error
  }
}

const isGone = (error: unknown) => ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
