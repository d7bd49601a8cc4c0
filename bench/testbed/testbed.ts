import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, type Program, startDaemon } from '../../packages/cli/src/processes/daemon.ts'
import { endAll } from '../../packages/cli/src/processes/processes.ts'

/** A folder for one figure, and the programs that were started for it. */
export type Testbed = {
  root: string
  folder: string
  say: (line: string) => void
  /** Starts a program. Resolves when it answers. */
  launch: (program: Program) => Promise<Daemon>
  /** Calls a function when the testbed is cleared, before the programs that were started earlier stop. */
  onClear: (call: () => Promise<unknown>) => void
  /** Stops the programs in reverse order, and empties the folder. */
  clear: () => Promise<void>
}

/** Creates the testbed of a figure in .data/bench. Deletes the files of earlier runs in its folder. */
export function createTestbed(root: string, name: string, say: (line: string) => void): Testbed {
  const folder = join(root, '.data/bench', name)
  const ends: (() => Promise<unknown>)[] = []
  const empty = () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
  }
  empty()
  return {
    root,
    folder,
    say,
    // The process is registered at once, so that `clear` also stops a program that is still starting.
    launch: program => startDaemon(program, identity => void ends.push(() => endAll([identity]))),
    onClear: call => void ends.push(call),
    async clear() {
      for (const end of ends.splice(0).reverse()) await end()
      empty()
    }
  }
}
