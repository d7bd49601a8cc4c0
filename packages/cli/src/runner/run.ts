import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { endAll, type Identity, identityOf, isAlive, signal } from '../processes/processes.ts'
import { makeFolder, type Stack } from '../services/stack.ts'
import {
  endLeftovers,
  endRecorded,
  membersOf,
  type ProcessKind,
  type RunRecord,
  readRunRecord,
  writeRunRecord
} from './run-record.ts'

/** The run of a stack. This process is its runner. */
export type Run = {
  /** Aborted when the run begins to end. After that, nothing may be started or restarted. */
  ending: AbortSignal
  /** Records a started process. Replaces an earlier process of the same name. */
  add: (kind: ProcessKind, identity: Identity) => void
  /** Stops a recorded process, and removes it from the record. Resolves when the process has ended. */
  remove: (kind: ProcessKind, name: string) => Promise<void>
  /** Records the names of the services that belong to the run. */
  belong: (members: string[]) => void
  /** Records the lines that describe the chosen stores. */
  chose: (chosen: string[]) => void
  /** Records that everything is ready. */
  ready: () => void
  /** Stops tools, services and stores, and removes the record. Resolves with the names of the processes that ran. */
  end: () => Promise<string[]>
  /** Kills all processes immediately. */
  kill: () => void
}

const END_LIMIT = 20_000

/** The file with the record of a stack's run. */
export const runFile = (stack: Stack) => join(stack.folder, 'run.json')

/**
 * Makes this process the runner of a stack. First waits for a runner that is ending, and stops the processes that a killed runner left
 * behind. Fails if the stack already runs.
 */
export async function beginRun(stack: Stack, say: (line: string) => void): Promise<Run> {
  const file = runFile(stack)
  makeFolder(stack)
  await waitForEndingRunner(file)
  const leftovers = await endLeftovers(file)
  if (leftovers.length > 0) say(`Stopped processes that an earlier run left behind: ${leftovers.join(', ')}`)
  const record: RunRecord & { tools: Identity[] } = {
    runner: identityOf('runner', process.pid),
    services: [],
    stores: [],
    tools: [],
    chosen: [],
    state: 'starting'
  }
  claim(file, record)
  const ending = new AbortController()
  // The end of the run removes the file, so nothing may write it again.
  const write = () => ending.signal.aborted || writeRunRecord(file, record)
  return {
    ending: ending.signal,
    add(kind, identity) {
      record[kind] = [...record[kind].filter(({ name }) => name !== identity.name), identity]
      if (ending.signal.aborted) signal(identity, 'SIGKILL')
      write()
    },
    async remove(kind, name) {
      const gone = record[kind].filter(identity => identity.name === name)
      await endAll(gone)
      record[kind] = record[kind].filter(identity => !gone.includes(identity))
      write()
    },
    belong(members) {
      record.members = members
      write()
    },
    chose(chosen) {
      record.chosen = chosen
      write()
    },
    ready() {
      record.state = 'ready'
      write()
    },
    async end() {
      record.state = 'stopping'
      ending.abort()
      writeRunRecord(file, record)
      const names = await endRecorded(record)
      rmSync(file, { force: true })
      return names
    },
    kill() {
      ending.abort()
      for (const identity of [...record.tools, ...record.services, ...record.stores]) signal(identity, 'SIGKILL')
      rmSync(file, { force: true })
    }
  }
}

/** True if a stack has a runner that is not ending. */
export const isRunning = (stack: Stack): boolean => runningRecord(stack) !== undefined

/** Fails if a stack has a runner that is not ending. */
export function requireStopped(stack: Stack) {
  const record = runningRecord(stack)
  if (record) throw runsAlready(record)
}

/** Fails if a stack runs without this service. The error contains `task`, which says what the service does. */
export function requireMember(stack: Stack, service: string, task: string) {
  const record = runningRecord(stack)
  if (!record || membersOf(stack, record).some(({ name }) => name === service)) return
  throw new Failure(`the stack runs without ${service}, ${task}`, `Add it: make up SERVICES=${service}`)
}

function runningRecord(stack: Stack): RunRecord | undefined {
  const record = readRunRecord(runFile(stack))
  return record && record.state !== 'stopping' && isAlive(record.runner) ? record : undefined
}

async function waitForEndingRunner(file: string) {
  for (const limit = Date.now() + END_LIMIT; Date.now() < limit; await delay(50)) {
    const record = readRunRecord(file)
    if (record?.state !== 'stopping' || !isAlive(record.runner)) return
  }
}

/** Creates the record. Fails if another runner has created it. */
function claim(file: string, record: RunRecord) {
  try {
    writeFileSync(file, JSON.stringify(record), { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw runsAlready(readRunRecord(file), cause)
  }
}

const runsAlready = (record: RunRecord | undefined, cause?: unknown) =>
  new Failure(
    `the stack already runs (runner pid ${record?.runner.pid})`,
    'See `make status`. Stop the stack with `make down`, or add services with `make up SERVICES=...`',
    { cause }
  )
