import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { isAlive, signal } from '../processes/processes.ts'
import type { Stack } from '../services/stack.ts'
import { runFile } from './run.ts'
import { endLeftovers, readRunRecord } from './run-record.ts'

const LIMIT = 40_000

/** Stops a stack, even if its runner was killed, and waits until all its processes have ended. Resolves with a message. */
export async function down(stack: Stack): Promise<string> {
  const file = runFile(stack)
  const record = readRunRecord(file)
  if (!record) return 'Nothing is running'
  const running = [...record.services, ...record.stores, ...(record.tools ?? [])].filter(isAlive)
  signal(record.runner, 'SIGTERM')
  for (const limit = Date.now() + LIMIT; isAlive(record.runner); await delay(50)) {
    if (Date.now() > limit)
      throw new Failure(
        `the runner (pid ${record.runner.pid}) does not end`,
        `Run kill -9 ${record.runner.pid} && make down`
      )
  }
  await endLeftovers(file)
  return running.length > 0 ? `Stopped ${running.map(({ name }) => name).join(', ')}` : 'Nothing was running'
}
