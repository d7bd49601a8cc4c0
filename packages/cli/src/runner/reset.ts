import { existsSync, globSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from '../failure.ts'
import { observerOf } from '../observe/observer.ts'
import { isAlive } from '../processes/processes.ts'
import type { Stack } from '../services/stack.ts'
import { runFile } from './run.ts'
import { readRunRecord } from './run-record.ts'

/** Matches names in the stack's folder that belong to the stack of another PORT_BASE or to the cluster, and the backups. */
const KEPT = /^(\d+|images|local|faults|backups|.*\.kubeconfig)$/

/** Deletes a stack's data, keys, bundles and logs. Resolves with false if there was nothing. Fails while the stack runs. */
export async function reset(stack: Stack): Promise<boolean> {
  const records = [stack, observerOf(stack)].flatMap(run => readRunRecord(runFile(run)) ?? [])
  const identities = records.flatMap(({ runner, services, stores, tools = [] }) => [
    runner,
    ...services,
    ...stores,
    ...tools
  ])
  if (identities.some(isAlive)) {
    throw new Failure('the stack is running', 'Stop it first with `make down`, or use `bulkhead reset --force`')
  }
  const names = globSync('*', { cwd: stack.folder }).filter(name => !KEPT.test(basename(name)))
  for (const name of names) rmSync(join(stack.folder, name), { recursive: true, force: true })
  if (existsSync(stack.folder) && readdirSync(stack.folder).length === 0) rmdirSync(stack.folder)
  return names.length > 0
}
