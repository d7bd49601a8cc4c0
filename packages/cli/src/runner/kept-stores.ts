import { setTimeout as delay } from 'node:timers/promises'
import { eventLogUserRules } from '../event-log/event-log.ts'
import { withEventLog } from '../event-log/event-log-connection.ts'
import { Failure } from '../failure.ts'
import type { Program } from '../processes/daemon.ts'
import type { Service, Stack } from '../services/stack.ts'
import { type Stores, type StoresOptions, startStores } from '../stores/stores.ts'
import type { Run } from './run.ts'
import { type Supervisor, supervise } from './supervisor.ts'

/** Manages the stores of a run. Restarts a store that ends, until its service leaves the run. */
export type KeptStores = {
  /** Starts the missing stores of a stack. Resolves when all stores answer. */
  provide: (stack: Stack) => Promise<Stores>
  /** Creates users for new services in the running event log. */
  admit: (stack: Stack, services: Service[]) => Promise<void>
  /** Stops the store of a service, if no other service uses it. */
  withdraw: (service: string) => Promise<void>
}

type Kept = { program: Program; supervisor: Supervisor | undefined; leaving: AbortController }

const CURE = 'If its data is damaged or has the format of another release: `make reset` deletes all data of the stack'
const START_LIMIT = 30_000

export function keptStores(run: Run, { userServers, say }: Pick<StoresOptions, 'userServers' | 'say'>): KeptStores {
  const stores = new Map<string, Kept>()

  async function launch(program: Program) {
    const running = stores.get(program.name)
    if (!running) return start({ program, supervisor: undefined, leaving: new AbortController() })
    // A process with more databases than needed keeps running, so that no service is interrupted.
    if (program.args.every(arg => running.program.args.includes(arg))) return
    running.program = program
    running.supervisor?.changed()
    await untilItAnswers(program)
  }

  async function start(kept: Kept) {
    const { name } = kept.program
    stores.set(name, kept)
    const supervising = supervise({
      program: () => ({ ...kept.program, cure: CURE }),
      started: identity => run.add('stores', identity),
      say,
      leave: AbortSignal.any([run.ending, kept.leaving.signal])
    })
    kept.supervisor = await supervising.catch(error => {
      stores.delete(name)
      throw error
    })
  }

  async function untilItAnswers({ name, answers }: Program) {
    for (const limit = Date.now() + START_LIMIT; !(await answers()); await delay(50)) {
      run.ending.throwIfAborted()
      if (Date.now() > limit) throw new Failure(`${name} does not answer within ${START_LIMIT / 1_000} seconds`)
    }
  }

  return {
    provide: stack => startStores(stack, { userServers, say, launch }),
    admit: (stack, services) =>
      withEventLog(stack, async redis => {
        // ACL LOAD would close the connections of all users.
        for (const { name } of services) await redis.call('ACL', 'SETUSER', name, ...eventLogUserRules(stack, name))
      }),
    async withdraw(service) {
      for (const name of [`${service}-redis`, `${service}-mongod`]) {
        stores.get(name)?.leaving.abort()
        stores.delete(name)
        await run.remove('stores', name)
      }
    }
  }
}
