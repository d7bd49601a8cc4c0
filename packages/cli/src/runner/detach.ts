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
 * Runs `bulkhead up` in the background and prints its output until the stack is ready. Resolves with 0, or with the command's exit code if
 * it ends earlier. Fails if the stack already runs. Keeps the output in up.log, and the output of the previous run in up.log.1.
 */
export async function detach(stack: Stack, args: string[]): Promise<number> {
  requireStopped(stack)
  makeFolder(stack)
  const [file, kept] = [join(stack.folder, `up.log.${process.pid}`), join(stack.folder, 'up.log')]
  const log = openSync(file, 'w', 0o600) // it contains the passwords of the demo accounts
  const main = join(import.meta.dirname, '../main.ts')
  const child = spawn(process.execPath, [main, 'up', '--root', stack.root, ...args], {
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

/** True if another runner started the stack first. Then up.log is the log of that runner. */
function isOtherRunner(stack: Stack, pid: number | undefined): boolean {
  const record = readRunRecord(runFile(stack))
  return record !== undefined && record.runner.pid !== pid && isAlive(record.runner)
}

function isReady(stack: Stack, pid: number | undefined): boolean {
  const record = readRunRecord(runFile(stack))
  return record?.state === 'ready' && record.runner.pid === pid
}
