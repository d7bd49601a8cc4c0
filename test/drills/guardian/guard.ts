import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Started } from '../../../packages/cli/src/processes/daemon.ts'
import type { Identity } from '../../../packages/cli/src/processes/processes.ts'

/** A line that the runner sends to its guardian. */
export type Told = { process: Identity } | { folder: string } | { isDone: true }

/** The runner's end of its guardian. */
export type Guard = {
  /** Tells the guardian of a process. */
  watch: Started
  /** Ends the guardian. Call it when all processes are ended and the folder is removed. */
  release: () => Promise<void>
}

/**
 * Starts a process that survives this one. When this process ends without `release`, also by SIGKILL, the guardian ends the watched
 * processes and removes the folder.
 */
export function startGuardian(folder: string): Guard {
  // In its own process group, so that it does not get a Ctrl-C.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'guardian.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit']
  })
  const ended = once(child, 'exit')
  const tell = (told: Told) => void child.stdin.write(`${JSON.stringify(told)}\n`)
  tell({ folder })
  return {
    watch: identity => tell({ process: identity }),
    async release() {
      tell({ isDone: true })
      child.stdin.end()
      await ended
    }
  }
}
