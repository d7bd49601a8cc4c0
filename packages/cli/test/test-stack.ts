import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { endAll, type Identity, identityOf, signal } from '../src/processes/processes.ts'
import { endLeftovers } from '../src/runner/run-record.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'
import { bulkhead, processesOf, type Runner } from './runner.ts'

/** A new repository for each test of a suite, and commands that run on it. All their processes are stopped after the test. */
export type TestStack = {
  root: string
  portBase: number
  /** Runs a command. */
  run: (...args: string[]) => Runner
  /** Runs `up`, and waits until everything is ready. Resolves with the processes that it started. */
  ready: (...args: string[]) => Promise<{ runner: Runner; processes: Identity[] }>
  /** Returns the processes that run now. They are stopped after the test. */
  noteProcesses: () => Identity[]
  /** Resolves with the answer of the service at this offset from PORT_BASE. */
  word: (offset: number) => Promise<string>
}

export function testStack(): TestStack {
  let started: Runner[] = []
  let seen: Identity[] = []
  const stack: TestStack = {
    root: '',
    portBase: 0,
    run(...args) {
      const runner = bulkhead(stack.root, stack.portBase, ...args)
      started.push(runner)
      return runner
    },
    async ready(...args) {
      const runner = stack.run('up', ...args)
      await runner.says('Ready after')
      return { runner, processes: stack.noteProcesses() }
    },
    noteProcesses() {
      const processes = processesOf(stack.root, stack.portBase)
      seen.push(...processes)
      return processes
    },
    word: async offset => (await fetch(`http://127.0.0.1:${stack.portBase + offset}`)).text()
  }

  beforeEach(async () => {
    stack.root = fixtureRepository()
    stack.portBase = await freePortBase()
    started = []
    seen = []
  })

  afterEach(async () => {
    for (const { pid, ended } of started) {
      signal(identityOf('runner', pid), 'SIGTERM')
      await ended
    }
    await endLeftovers(join(stack.root, '.data', String(stack.portBase), 'run.json'))
    await endAll(seen, 1_000)
    rmSync(stack.root, { recursive: true, force: true })
  })
  return stack
}
