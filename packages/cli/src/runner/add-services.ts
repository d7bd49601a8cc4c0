import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { probe } from '../services/service-program.ts'
import type { Service, Stack } from '../services/stack.ts'
import { askedServices, askServices } from './asked-services.ts'
import { runFile } from './run.ts'
import { membersOf, readRunRecord } from './run-record.ts'
import { describeSelection, selectServices } from './selection.ts'

const LIMIT = 120_000
const PAUSE = 250

/** Adds services, and the services that they need, to a running stack. Prints the progress. Resolves with 0 when all are ready. */
export async function addServices(stack: Stack, names: string[]): Promise<number> {
  const running = membersOf(stack, readRunRecord(runFile(stack)))
  const asked = askedServices(stack)
  const wanted = asked && [...new Set([...asked, ...names])]
  const selection = selectServices(stack, wanted)
  const added = selection.stack.services.filter(service => !running.some(({ name }) => name === service.name))
  if (added.length === 0) {
    console.log(`The stack already runs with ${names.join(', ')}: nothing to add`)
    return 0
  }
  askServices(stack, wanted)
  console.log(`Adding ${listOf(added)} to the running stack. Then it has ${describeSelection(selection)}`)
  await untilReady(added)
  console.log(`${listOf(added)} joined the stack`)
  return 0
}

async function untilReady(services: Service[]) {
  let waiting = services
  for (const limit = Date.now() + LIMIT; waiting.length > 0; await delay(PAUSE)) {
    if (Date.now() > limit) {
      throw new Failure(
        `${listOf(waiting)} did not become ready within ${LIMIT / 1_000} seconds`,
        'See the console of the runner, or .data/up.log if it runs in the background'
      )
    }
    const statuses = await Promise.all(waiting.map(service => probe(service, 'readyz')))
    waiting = waiting.filter((_, place) => statuses[place] !== 200)
  }
}

const listOf = (services: Service[]) => services.map(({ name }) => name).join(', ')
