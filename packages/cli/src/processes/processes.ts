import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Identifies a process, even after its parent has ended. A pid alone is not enough, because the system may reuse it. */
export type Identity = { name: string; pid: number; born: string }

/**
 * Returns when a process was started, as a text that can only be compared. Undefined if there is no such process, or only a zombie. On
 * Linux: boot ID and start in clock ticks (proc(5), /proc/pid/stat field 22). Elsewhere: the output of `ps`.
 */
function startOf(pid: number): string | undefined {
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

/** Returns the identity of the process with this pid. */
export const identityOf = (name: string, pid: number): Identity => ({ name, pid, born: startOf(pid) ?? '' })

/** True if the same process still runs. */
export const isAlive = ({ pid, born }: Identity) => born !== '' && startOf(pid) === born

/** Sends a signal to a process. Returns false if the process has already ended. */
export function signal(identity: Identity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    return process.kill(identity.pid, name)
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/** How long a process may take to end after SIGTERM (ms). */
const STOP_LIMIT = 10_000

/** Sends SIGTERM to processes, and kills those that still run after `milliseconds`. Resolves with the names of the killed processes. */
export async function endAll(identities: Identity[], milliseconds = STOP_LIMIT): Promise<string[]> {
  for (const identity of identities) signal(identity, 'SIGTERM')
  if (await goneWithin(identities, milliseconds)) return []
  const killed = identities.filter(identity => signal(identity, 'SIGKILL'))
  await goneWithin(killed, 5_000)
  return killed.map(({ name }) => name)
}

async function goneWithin(identities: Identity[], milliseconds: number): Promise<boolean> {
  const limit = Date.now() + milliseconds
  while (identities.some(isAlive)) {
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
