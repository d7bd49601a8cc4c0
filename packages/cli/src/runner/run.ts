import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { endAll, type Identity, identityOf, isAlive, signal } from '../processes/processes.ts'
import { makeFolder, type Stack } from '../services/stack.ts'
import { endLeftovers, endRecorded, membersOf, type RunRecord, readRunRecord, writeRunRecord } from './run-record.ts'

/** The run of a stack, whose runner this process is. */
export type Run = {
  /** Aborted as soon as the run is to end: from then on nobody starts or restarts anything. */
  ending: AbortSignal
  /** Notes a process that was started, in the place of an earlier one of the same name. */
  add: (kind: 'services' | 'stores', identity: Identity) => void
  /** Ends a process that was noted, and forgets it. Resolves when it is gone. */
  remove: (kind: 'services' | 'stores', name: string) => Promise<void>
  /** Notes the names of the services that belong to the run. */
  belong: (members: string[]) => void
  /** Notes which stores were chosen. */
  chose: (chosen: string[]) => void
  /** Notes that everything is ready. */
  ready: () => void
  /** Ends services, then stores, and removes the record. Resolves with the names of what ran. */
  end: () => Promise<string[]>
  /** Kills everything at once. */
  kill: () => void
}

const END_LIMIT = 20_000

/** The file that says what runs. */
export const runFile = (stack: Stack) => join(stack.folder, 'run.json')

/**
 * Makes this process the runner of a stack. What a runner that was killed left behind is ended first, and one that is just ending is
 * waited for. Fails when the stack runs already.
 */
export async function beginRun(stack: Stack, say: (line: string) => void): Promise<Run> {
  const file = runFile(stack)
  makeFolder(stack)
  await waitForEndingRunner(file)
  const leftovers = await endLeftovers(file)
  if (leftovers.length > 0) say(`Ended what an earlier run left behind: ${leftovers.join(', ')}`)
  const record: RunRecord = {
    runner: identityOf('runner', process.pid),
    services: [],
    stores: [],
    chosen: [],
    state: 'starting'
  }
  claim(file, record)
  const ending = new AbortController()
  return {
    ending: ending.signal,
    add(kind, identity) {
      record[kind] = [...record[kind].filter(({ name }) => name !== identity.name), identity]
      if (ending.signal.aborted) signal(identity, 'SIGKILL')
      else writeRunRecord(file, record)
    },
    async remove(kind, name) {
      const gone = record[kind].filter(identity => identity.name === name)
      await endAll(gone)
      record[kind] = record[kind].filter(identity => !gone.includes(identity))
      if (!ending.signal.aborted) writeRunRecord(file, record)
    },
    belong(members) {
      record.members = members
      writeRunRecord(file, record)
    },
    chose(chosen) {
      record.chosen = chosen
      writeRunRecord(file, record)
    },
    ready() {
      record.state = 'ready'
      writeRunRecord(file, record)
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
      for (const identity of [...record.services, ...record.stores]) signal(identity, 'SIGKILL')
      rmSync(file, { force: true })
    }
  }
}

/** Whether a stack has a runner that is not just ending. */
export const isRunning = (stack: Stack): boolean => runningRecord(stack) !== undefined

/** Fails when a stack has a runner that is not just ending. */
export function requireStopped(stack: Stack) {
  const record = runningRecord(stack)
  if (record) throw runsAlready(record)
}

/** Fails when a stack runs without a service, saying what it is for. */
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

/** Fails when another runner has made the record since, or before. */
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
    `the stack runs already (runner pid ${record?.runner.pid})`,
    'See `make status`; end it with `make down`, add services to a part of it with `make up SERVICES=...`',
    { cause }
  )
