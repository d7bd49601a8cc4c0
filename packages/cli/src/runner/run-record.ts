import { rmSync } from 'node:fs'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { endAll, type Identity, isAlive } from '../processes/processes.ts'
import type { Service, Stack } from '../services/stack.ts'

/** What a runner started, kept in a file so that the next one can end what a killed one left behind. */
export type RunRecord = {
  runner: Identity
  services: Identity[]
  stores: Identity[]
  /** The names of the services that belong to the run, also of those that are not started yet. All services if it is missing. */
  members?: string[]
  /** A line for each kind of store, saying which one was chosen. */
  chosen: string[]
  state: 'starting' | 'ready' | 'stopping'
}

/** The record in a file, undefined when there is none. */
export function readRunRecord(file: string): RunRecord | undefined {
  const text = readOptionalFile(file)
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord)
}

/** The services of a stack that belong to its run, as its record says. All of them if there is no run. */
export function membersOf(stack: Stack, record: RunRecord | undefined): Service[] {
  const { members } = record ?? {}
  return members ? stack.services.filter(({ name }) => members.includes(name)) : stack.services
}

/** Replaces the file in one step: a reader never sees half a record. */
export function writeRunRecord(file: string, record: RunRecord) {
  replaceFile(file, JSON.stringify(record, undefined, 2))
}

/** Ends everything in a record: the services drain while their stores are there. Resolves with the names of what still ran. */
export async function endRecorded({ services, stores }: RunRecord): Promise<string[]> {
  const names: string[] = []
  for (const group of [services, stores]) {
    const running = group.filter(isAlive)
    await endAll(running)
    names.push(...running.map(({ name }) => name))
  }
  return names
}

/** Ends what a dead runner left and removes its record. Resolves with the names of what still ran; none when the runner itself still runs. */
export async function endLeftovers(file: string): Promise<string[]> {
  const record = readRunRecord(file)
  if (!record || isAlive(record.runner)) return []
  const names = await endRecorded(record)
  rmSync(file, { force: true })
  return names
}
