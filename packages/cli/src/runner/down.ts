import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { observerOf } from '../observe/observer.ts'
import { isAlive, signal } from '../processes/processes.ts'
import type { Stack } from '../services/stack.ts'
import { runFile } from './run.ts'
import { endLeftovers, readRunRecord } from './run-record.ts'

const LIMIT = 40_000

/**
 * Stops a stack and its observer, even if their runners were killed, and waits until all their processes have ended. The observer ends first,
 * so that it raises no alerts about services that stop. Resolves with a message.
 */
export async function down(stack: Stack): Promise<string> {
  const ended = [await endRun(observerOf(stack)), await endRun(stack)]
  const names = ended.flatMap(run => run ?? [])
  if (names.length > 0) return `Stopped ${names.join(', ')}`
  return ended.some(run => run) ? 'Nothing was running' : 'Nothing is running'
}

/** Ends a run. Resolves with the names of the processes that ran; undefined if there was no run. */
async function endRun(stack: Stack): Promise<string[] | undefined> {
  const file = runFile(stack)
  const record = readRunRecord(file)
  if (!record) return undefined
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
  return running.map(({ name }) => name)
}
