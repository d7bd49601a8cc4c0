import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { follow } from '../output/follow.ts'
import { isAlive } from '../processes/processes.ts'
import { makeFolder, type Stack } from '../services/stack.ts'
import { requireStopped, runFile } from './run.ts'
import { readRunRecord } from './run-record.ts'

/**
 * Runs `bulkhead up` or `bulkhead observe` in the background and prints its output until it is ready. Resolves with 0, or with the command's
 * exit code if it ends earlier. Fails if the run of the stack has begun already. Keeps the output in up.log or observe.log in the stack's
 * folder, and the output of the previous run in up.log.1 or observe.log.1.
 */
export async function detach(stack: Stack, command: 'up' | 'observe', args: string[]): Promise<number> {
  requireStopped(stack)
  makeFolder(stack)
  const kept = join(stack.folder, `${command}.log`)
  const file = `${kept}.${process.pid}`
  const log = openSync(file, 'w', 0o600) // it contains the passwords of the demo accounts
  const main = join(import.meta.dirname, '../main.ts')
  const child = spawn(process.execPath, [main, command, '--root', stack.root, ...args], {
    detached: true,
    stdio: ['ignore', log, log]
  })
  closeSync(log)
  const end = follow(file, line => console.log(line))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill('SIGTERM'))
  let code: number | undefined
  child.once('exit', exitCode => {
    code = exitCode ?? 1
  })
  while (code === undefined && !isReady(stack, child.pid)) await delay(50)
  end()
  if (isOtherRunner(stack, child.pid)) rmSync(file)
  else {
    if (existsSync(kept)) renameSync(kept, `${kept}.1`)
    renameSync(file, kept)
  }
  return code ?? 0
}

/** True if another runner started first. Then the kept log is the log of that runner. */
function isOtherRunner(stack: Stack, pid: number | undefined): boolean {
  const record = readRunRecord(runFile(stack))
  return record !== undefined && record.runner.pid !== pid && isAlive(record.runner)
}

function isReady(stack: Stack, pid: number | undefined): boolean {
  const record = readRunRecord(runFile(stack))
  return record?.state === 'ready' && record.runner.pid === pid
}
