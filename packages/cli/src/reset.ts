import { existsSync, globSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from './failure.ts'
import { runs } from './processes.ts'
import { runFile } from './run.ts'
import { readRunRecord } from './run-record.ts'
import type { Stack } from './stack.ts'

/** Names in the folder that are not the stack's: what another PORT_BASE keeps, and what the cluster has. */
const OTHERS = /^(\d+|images|local|faults|.*\.kubeconfig)$/

/** Forgets what a stack has kept: data, keys, bundles, logs. False where there was nothing. Fails while any of it runs. */
export async function reset(stack: Stack): Promise<boolean> {
  const record = readRunRecord(runFile(stack))
  if (record && [record.runner, ...record.services, ...record.stores].some(runs)) {
    throw new Failure('the stack runs', 'End it first with `make down`, or use `bulkhead reset --force`')
  }
  const kept = globSync('*', { cwd: stack.folder }).filter(name => !OTHERS.test(basename(name)))
  for (const name of kept) rmSync(join(stack.folder, name), { recursive: true, force: true })
  if (existsSync(stack.folder) && readdirSync(stack.folder).length === 0) rmdirSync(stack.folder)
  return kept.length > 0
}
