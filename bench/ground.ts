import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, type Program, startDaemon } from '../packages/cli/src/daemon.ts'

/** Where one figure is measured: a folder of its own, and all that was started on it. */
export type Ground = {
  root: string
  folder: string
  say: (line: string) => void
  /** Starts a program and resolves when it answers. */
  launch: (program: Program) => Promise<Daemon>
  /** Ends what was started, the last first, and removes the folder. */
  end: () => Promise<void>
}

/** Makes the ground of a figure below .data/bench. What an earlier run left in its folder goes. */
export function groundOf(root: string, name: string, say: (line: string) => void): Ground {
  const folder = join(root, '.data/bench', name)
  const daemons: Daemon[] = []
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return {
    root,
    folder,
    say,
    async launch(program) {
      const daemon = await startDaemon(program)
      daemons.push(daemon)
      return daemon
    },
    async end() {
      for (const daemon of daemons.splice(0).reverse()) await daemon.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
