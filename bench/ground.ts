import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, type Program, startDaemon } from '../packages/cli/src/daemon.ts'
import { endAll } from '../packages/cli/src/processes.ts'

/** Where one figure is measured: a folder of its own, and all that was started on it. */
export type Ground = {
  root: string
  folder: string
  say: (line: string) => void
  /** Starts a program and resolves when it answers. */
  launch: (program: Program) => Promise<Daemon>
  /** Has something called when the ground is cleared, before what was started earlier ends. */
  later: (call: () => Promise<unknown>) => void
  /** Ends what was started, the last first, and empties the folder. */
  clear: () => Promise<void>
}

/** Makes the ground of a figure below .data/bench. What an earlier run left in its folder goes. */
export function groundOf(root: string, name: string, say: (line: string) => void): Ground {
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
    // Known from its first moment on: who clears the ground while it starts ends it as well.
    launch: program => startDaemon(program, identity => void ends.push(() => endAll([identity]))),
    later: call => void ends.push(call),
    async clear() {
      for (const end of ends.splice(0).reverse()) await end()
      empty()
    }
  }
}
