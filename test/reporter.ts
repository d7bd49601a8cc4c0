import { relative } from 'node:path'
import Mocha from 'mocha'

const { EVENT_HOOK_END, EVENT_RUN_END, EVENT_TEST_END } = Mocha.Runner.constants
/** The number of files that the report names. */
const NAMED = 10

/** Mocha's `spec` reporter. At the end it also names the files whose tests and hooks took longest. */
export default class SlowestFiles extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options)
    const milliseconds = new Map<string, number>()
    const add = ({ file = '', duration = 0 }: { file?: string | undefined; duration?: number | undefined }) =>
      milliseconds.set(file, (milliseconds.get(file) ?? 0) + duration)
    runner.on(EVENT_TEST_END, add)
    runner.on(EVENT_HOOK_END, add)
    runner.once(EVENT_RUN_END, () => {
      for (const line of slowest(milliseconds)) Mocha.reporters.Base.consoleLog(line)
    })
  }
}

/** Returns a line for each of the slowest files, the slowest first. Returns no lines if only one file ran. */
export function slowest(milliseconds: Map<string, number>): string[] {
  if (milliseconds.size < 2) return []
  const files = [...milliseconds].sort(([, one], [, other]) => other - one).slice(0, NAMED)
  const lines = files.map(([file, took]) => `${(took / 1_000).toFixed(1).padStart(7)} s  ${relative('', file)}`)
  return [`  The slowest of ${milliseconds.size} files, by their tests and hooks:`, ...lines, '']
}
