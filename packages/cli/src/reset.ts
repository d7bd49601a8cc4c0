import { existsSync, globSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from './failure.ts'
import { runs } from './processes.ts'
import { runFile } from './run.ts'
import { endLeftovers, readRunRecord } from './run-record.ts'
import type { Stack } from './stack.ts'

/** Names in the folder that are not the stack's: what another PORT_BASE keeps, and what the cluster has. */
const OTHERS = /^(\d+|images|local|faults|.*\.kubeconfig)$/

/** Forgets what a stack has kept: data, keys, bundles, logs. Fails while the stack runs. */
export async function reset(stack: Stack) {
  const record = readRunRecord(runFile(stack))
  if (record && runs(record.runner)) {
    throw new Failure('the stack runs', 'End it first with `make down`, or use `bulkhead reset --force`')
  }
  await endLeftovers(runFile(stack))
  const kept = globSync('*', { cwd: stack.folder }).filter(name => !OTHERS.test(basename(name)))
  for (const name of kept) rmSync(join(stack.folder, name), { recursive: true, force: true })
  if (existsSync(stack.folder) && readdirSync(stack.folder).length === 0) rmdirSync(stack.folder)
}
