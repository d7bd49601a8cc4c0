import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { follow } from './follow.ts'
import { requireStopped, runFile } from './run.ts'
import { readRunRecord } from './run-record.ts'
import { makeFolder, type Stack } from './stack.ts'

/**
 * Runs `bulkhead up` in the background, showing what it says until it is ready. Resolves with 0 then, with its exit code when it ends
 * before. Fails when the stack runs already. The console of the run before stays in up.log.1.
 */
export async function detach(stack: Stack, args: string[]): Promise<number> {
  requireStopped(stack)
  makeFolder(stack)
  const file = join(stack.folder, 'up.log')
  if (existsSync(file)) renameSync(file, `${file}.1`)
  const log = openSync(file, 'w', 0o600) // it has the passwords of the demo accounts
  const main = join(import.meta.dirname, 'main.ts')
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
  return code ?? 0
}

function isReady(stack: Stack, pid: number | undefined): boolean {
  const record = readRunRecord(runFile(stack))
  return record?.state === 'ready' && record.runner.pid === pid
}
