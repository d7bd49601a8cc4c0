import { writeFileSync } from 'node:fs'
import { follow, sizeOf } from '../output/follow.ts'
import { consoleLine } from '../output/log-line.ts'
import { untilRouted } from '../services/routes.ts'
import { serviceEnvironment, upstreams, upstreamsFile } from '../services/service-environment.ts'
import { serviceLog, serviceProgram } from '../services/service-program.ts'
import type { Service, Stack } from '../services/stack.ts'
import { writeStoreAddresses } from '../stores/store-addresses.ts'
import type { Stores } from '../stores/stores.ts'
import { peopleIssuer } from '../tokens/people.ts'
import { issueTokens, keepSignedIn, keepTokensFresh } from '../tokens/tokens.ts'
import type { KeptStores } from './kept-stores.ts'
import { requireFreePortsOf } from './preflight.ts'
import type { Run } from './run.ts'
import { type Supervised, type Supervisor, supervise, supervisePatiently } from './supervisor.ts'

/** Manages the services of a run. Services may join and leave while the run continues. */
export type Members = {
  /** Returns the stack with the services that belong to the run now. */
  stack: () => Stack
  /** Writes the files that services read when they start: tokens, and the gateway's list of addresses. */
  prepare: () => Promise<void>
  /** Starts the stores of all services. */
  startStores: () => Promise<void>
  /** Starts all services. Each promise rejects if its service does not start. */
  start: () => Promise<void>[]
  /** Signs the demo people in, and waits until the gateway routes to every service. */
  open: () => Promise<void>
  /**
   * Starts more services with their stores. Retries services that do not start. `ready` resolves when all of them run, with the names of
   * those that have not left since.
   */
  join: (services: Service[]) => Promise<{ ready: Promise<string[]> }>
  /** Stops services with their stores, and prints the reason. */
  leave: (names: string[], reason: string) => Promise<void>
  /** Restarts a changed service. Issues new tokens first, because its contract may name other services now. */
  changed: (service: string) => Promise<void>
  /** Stops renewing tokens and showing logs. */
  end: () => void
}

export type MembersOptions = {
  stack: Stack
  run: Run
  stores: KeptStores
  /** True to print all log lines of services, not only warnings and errors. */
  allLogs: boolean
  say: (line: string) => void
}

/** A service of the run. `endLog` stops printing its log; undefined until the log is printed. */
type Member = { supervisor: Supervisor; leaving: AbortController; endLog?: () => void }

export function stackMembers({ stack: first, run, stores, allLogs, say }: MembersOptions): Members {
  let stack = first
  let given: Stores = { urls: {}, chosen: [] }
  const members = new Map<string, Member>()
  const failed = (error: unknown) => say(`The tokens cannot be renewed: ${(error as Error).message}`)
  const tokens = kept(current => keepTokensFresh(current, failed))
  const signedIn = kept(current => keepSignedIn(current, failed))

  async function become(services: Service[]) {
    stack = { ...stack, services: services.toSorted((one, other) => one.ports.api - other.ports.api) }
    run.belong(stack.services.map(({ name }) => name))
    writeFileSync(upstreamsFile(stack), JSON.stringify(upstreams(stack)))
    await tokens.begin(stack)
  }

  function supervisedOf(service: Service, leaving: AbortController): Supervised {
    return {
      program: () => serviceProgram(stack, service, given.urls[service.name]),
      started: identity => run.add('services', identity),
      say,
      leave: AbortSignal.any([run.ending, leaving.signal])
    }
  }

  /** Prints the log of a service from the byte `from`. Returns a function that stops this. */
  function show({ name }: Service, from: number) {
    const line = (text: string) => {
      const shown = consoleLine(name, text, allLogs)
      if (shown) say(shown)
    }
    return follow(serviceLog(stack, name), line, from)
  }

  // Prints the log only after the service runs. If it does not start, the error already includes the end of the log.
  async function startFirst(service: Service) {
    const leaving = new AbortController()
    const supervisor = await supervise(supervisedOf(service, leaving))
    members.set(service.name, { supervisor, leaving, endLog: show(service, 0) })
    say(`${service.name} ${service.version} is ready`)
  }

  async function startLater(service: Service): Promise<Member> {
    const from = sizeOf(serviceLog(stack, service.name))
    const leaving = new AbortController()
    const supervisor = supervisePatiently(supervisedOf(service, leaving))
    const member: Member = { supervisor, leaving }
    members.set(service.name, member)
    await supervisor.ready
    if (!leaving.signal.aborted) member.endLog = show(service, from)
    return member
  }

  /** Resolves with the names of those that run: a service may leave before it is ready. */
  async function startAll(services: Service[]): Promise<string[]> {
    const started = await Promise.all(services.map(startLater))
    const running = () => services.filter((_, index) => !started[index]!.leaving.signal.aborted)
    if (running().length > 0) await open()
    return running().map(({ name }) => name)
  }

  /** Restarts the services whose environment has changed, such as the URL of the keys for people's tokens. */
  function restartChanged(before: Stack) {
    for (const service of before.services.filter(({ name }) => members.has(name))) {
      const earlier = new Map(Object.entries(serviceEnvironment(before, service, undefined)))
      const now = Object.entries(serviceEnvironment(stack, service, undefined))
      // A variable that is no longer set, such as the address of a service that left, is no reason: without it the service cannot start.
      if (now.every(([name, value]) => value === undefined || value === earlier.get(name))) continue
      say(`${service.name} restarts, because its environment has changed`)
      members.get(service.name)!.supervisor.changed()
    }
  }

  async function open() {
    await signedIn.begin(stack)
    const unrouted = await untilRouted(stack, run.ending)
    run.ending.throwIfAborted()
    if (unrouted.length > 0) say(`The gateway has no routes yet to ${unrouted.join(', ')}: see its log`)
  }

  return {
    stack: () => stack,
    prepare: () => become(stack.services),
    start: () => stack.services.map(startFirst),
    async startStores() {
      given = await stores.provide(stack)
      run.ending.throwIfAborted()
      for (const line of given.chosen) say(line)
      writeStoreAddresses(stack, given.urls)
      run.chose(given.chosen)
    },
    open,
    async join(services) {
      await requireFreePortsOf(stack, services)
      const before = stack
      await become([...stack.services, ...services])
      try {
        await stores.admit(stack, services)
        given = await stores.provide(stack)
      } catch (error) {
        for (const { name } of services) await stores.withdraw(name)
        await become(before.services)
        throw error
      }
      writeStoreAddresses(stack, given.urls)
      run.chose(given.chosen)
      restartChanged(before)
      return { ready: startAll(services) }
    },
    async leave(names, reason) {
      for (const name of names) {
        say(`${name} is stopped: ${reason}`)
        const member = members.get(name)
        member?.leaving.abort()
        await run.remove('services', name)
        member?.endLog?.()
        members.delete(name)
        await stores.withdraw(name)
      }
      const before = stack
      await become(stack.services.filter(({ name }) => !names.includes(name)))
      if (!peopleIssuer(stack)) signedIn.end()
      restartChanged(before)
    },
    async changed(service) {
      await issueTokens(stack).catch(failed)
      members.get(service)?.supervisor.changed()
    },
    end() {
      tokens.end()
      signedIn.end()
      for (const { endLog } of members.values()) endLog?.()
    }
  }
}

const nothing = () => undefined

/**
 * Wraps a background task of a stack. `begin` stops the task for the previous stack first. Overlapping calls take effect one after another.
 */
function kept(begin: (stack: Stack) => Promise<() => void>) {
  let last: Promise<() => void> = Promise.resolve(nothing)
  const follow = (next: () => Promise<() => void>) => {
    const following = last.then(end => {
      end()
      return next()
    })
    last = following.catch(() => nothing)
    return following
  }
  return {
    async begin(stack: Stack) {
      await follow(() => begin(stack))
    },
    end: () => void follow(async () => nothing)
  }
}
