import { rmSync } from 'node:fs'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { endAll, type Identity, isAlive } from '../processes/processes.ts'
import type { Service, Stack } from '../services/stack.ts'

/** The processes that a runner started. They are stored in a file, so that the next runner can stop the processes of a killed runner. */
export type RunRecord = {
  runner: Identity
  services: Identity[]
  stores: Identity[]
  /** Programs beside the stack, such as `load`. Undefined in the records of older releases. */
  tools?: Identity[]
  /** The names of the services that belong to the run, including services that have not started yet. If undefined, all services belong. */
  members?: string[]
  /** For each kind of store, a line that describes the chosen server. */
  chosen: string[]
  state: 'starting' | 'ready' | 'stopping'
}

/** Reads the record in a file. Undefined if the file does not exist. */
export function readRunRecord(file: string): RunRecord | undefined {
  const text = readOptionalFile(file)
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord)
}

/** Returns the services of a stack that belong to its run, according to the record; all services if there is no run. */
export function membersOf(stack: Stack, record: RunRecord | undefined): Service[] {
  const { members } = record ?? {}
  return members ? stack.services.filter(({ name }) => members.includes(name)) : stack.services
}

/** Writes the record, and replaces the file at once, so that no reader sees half a record. */
export function writeRunRecord(file: string, record: RunRecord) {
  replaceFile(file, JSON.stringify(record, undefined, 2))
}

/** A kind of process in a record. */
export type ProcessKind = 'services' | 'stores' | 'tools'

/**
 * Stops all processes of a record: tools first, because they call services, and stores last, because services write while they drain.
 * Resolves with the names of those that ran.
 */
export async function endRecorded({ services, stores, tools = [] }: RunRecord): Promise<string[]> {
  const names: string[] = []
  for (const group of [tools, services, stores]) {
    const running = group.filter(isAlive)
    await endAll(running)
    names.push(...running.map(({ name }) => name))
  }
  return names
}

/** Stops the processes of a killed runner, and removes its record. Resolves with their names. Does nothing if the runner still runs. */
export async function endLeftovers(file: string): Promise<string[]> {
  const record = readRunRecord(file)
  if (!record || isAlive(record.runner)) return []
  const names = await endRecorded(record)
  rmSync(file, { force: true })
  return names
}
