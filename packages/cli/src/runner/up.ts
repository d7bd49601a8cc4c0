import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { requireFinishedRestores } from '../backup/local/unfinished-restores.ts'
import { bundleAll, watchBundles } from '../bundling/bundles.ts'
import { Failure } from '../failure.ts'
import { withSourcePositions } from '../output/source-positions.ts'
import { readStack, type Service, type Stack } from '../services/stack.ts'
import { logsFolder } from '../stores/stores.ts'
import { askedServices, askServices, watchAskedServices } from './asked-services.ts'
import { keptStores } from './kept-stores.ts'
import { loadProgram } from './load-program.ts'
import { type Members, stackMembers } from './members.ts'
import { requireFreePorts } from './preflight.ts'
import { beginRun, type Run } from './run.ts'
import { selectServices } from './selection.ts'
import { collectChanges, type SourceChanges, watchSources } from './source-changes.ts'
import { supervisePatiently } from './supervisor.ts'

export type UpOptions = {
  /** The names of the services that the user chose; undefined for all. */
  names: string[] | undefined
  /** The URLs of the user's servers, which are used instead of private ones. */
  userServers: { mongodb?: string | undefined; redis?: string | undefined }
  /** The number of shoppers per second to play beside the stack; undefined for none. */
  loadRate?: number | undefined
  /** True to print all log lines of services, not only warnings and errors. */
  allLogs: boolean
  say: (line: string) => void
  /** Called once when the stack is ready. */
  ready: () => Promise<void>
  /** Called when joined services are ready, with the current stack. */
  joined: (stack: Stack, names: string[]) => Promise<void>
  /** Drains and stops the stack when aborted. */
  stop: AbortSignal
  /** Kills the stack immediately when aborted. */
  kill: AbortSignal
}

/** At the end of a run, `up` waits for `tasks` and then calls `calls`. */
type Ends = { tasks: Promise<unknown>[]; calls: (() => unknown)[] }

/** Runs a stack until `stop` aborts. If the stack cannot start, stops everything that was started, and fails. */
export async function up(stack: Stack, given: UpOptions) {
  const options = { ...given, say: (text: string) => given.say(withSourcePositions(stack, text)) }
  const { say, stop, kill } = options
  const run = await beginRun(stack, say)
  kill.addEventListener('abort', () => run.kill())
  const ends: Ends = { tasks: [], calls: [] }
  const starting = start(stack, run, options, ends)
  const stopped = new Promise(resolve => stop.addEventListener('abort', resolve))
  try {
    await Promise.race([starting, stopped])
    if (!stop.aborted) await stopped
    say('Stopping')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(withSourcePositions(stack, error.message), undefined, { cause: error })
  } finally {
    const names = await run.end()
    await Promise.allSettled([starting, ...ends.tasks])
    for (const call of ends.calls) await call()
    if (names.length > 0) say(`Stopped ${names.join(', ')}`)
  }
}

/** Starts the stack. Bundles services while their stores start. */
async function start(stack: Stack, run: Run, options: UpOptions, ends: Ends) {
  const { userServers, say, ready, loadRate } = options
  requireFinishedRestores(stack)
  await requireFreePorts(stack)
  askServices(stack, options.names)
  rmSync(logsFolder(stack), { recursive: true, force: true })
  const members = stackMembers({
    stack,
    run,
    stores: keptStores(run, { userServers, say }),
    allLogs: options.allLogs,
    say
  })
  ends.calls.push(members.end)
  await members.prepare()
  run.ending.throwIfAborted()

  const changes = watchedChanges(stack, say, run.ending)
  const wanted = wantedServices(stack, say)
  say(`Bundling ${stack.services.length} services and starting their stores`)
  const bundling = bundleAll(stack, run.ending)
  const storing = members.startStores()
  ends.tasks.push(bundling, storing)
  await Promise.all([storing, bundling])
  run.ending.throwIfAborted()

  const services = members.start()
  ends.tasks.push(...services)
  await Promise.all(services)
  await members.open()
  await ready()
  if (loadRate !== undefined) playLoad(stack, run, loadRate, say)
  run.ready()
  const watching = watch({ members, changes, wanted }, options, run.ending)
  const ended = (error: Error) => run.ending.aborted || say(`Sources are no longer watched: ${error.message}`)
  ends.tasks.push(watching.catch(ended))
}

/** Keeps the load running beside the stack until the run ends. */
function playLoad(stack: Stack, run: Run, rate: number, say: (line: string) => void) {
  const program = loadProgram(stack, rate)
  say(`load plays ${rate} shoppers a second (log: ${program.logFile})`)
  supervisePatiently({
    program: () => program,
    started: identity => run.add('tools', identity),
    say,
    leave: run.ending
  })
}

/** Begins to watch sources and the chosen services before the stack starts, so that no change is missed. */
function watchedChanges(stack: Stack, say: (line: string) => void, signal: AbortSignal): SourceChanges {
  const changes = collectChanges(signal)
  watchSources(stack.root, changes, signal, ({ message }) =>
    say(`Sources are not watched: ${message}. On Linux raise fs.inotify.max_user_watches`)
  )
  watchAskedServices(stack, signal, () => changes.add(ASKED))
  return changes
}

/** Stands for a path of a changed source when the wanted services may have changed for a different reason. */
const ASKED = 'asked services'

type Watched = { members: Members; changes: SourceChanges; wanted: () => Service[] }

function watch({ members, changes, wanted }: Watched, { say, joined }: UpOptions, signal: AbortSignal) {
  const runs = (service: string) => members.stack().services.some(({ name }) => name === service)
  // While the stack started, a contract may have changed and need more services.
  changes.add(ASKED)
  return watchBundles(members.stack(), changes, {
    signal,
    async services() {
      const services = wanted()
      const names = services.map(({ name }) => name)
      const isWanted = (member: Service) => services.some(service => isSame(service, member))
      const gone = members.stack().services.filter(member => !isWanted(member))
      const removed = gone.map(({ name }) => name).filter(name => !names.includes(name))
      const moved = gone.map(({ name }) => name).filter(name => names.includes(name))
      const hasFolder = (name: string) => existsSync(join(members.stack().root, 'services', name))
      const unneeded = removed.filter(hasFolder)
      const deleted = removed.filter(name => !hasFolder(name))
      if (deleted.length > 0) await members.leave(deleted, 'its folder was removed')
      if (unneeded.length > 0) await members.leave(unneeded, 'no running service needs it')
      if (moved.length > 0) await members.leave(moved, 'its entry in package.json has changed')
      return { running: names.filter(runs), joining: names.filter(name => !runs(name)) }
    },
    async built(names) {
      const services = wanted().filter(({ name }) => names.includes(name))
      say(`${names.join(', ')}: starting`)
      try {
        const { ready } = await members.join(services)
        const tell = async (running: string[]) => {
          if (running.length > 0) await joined(members.stack(), running)
        }
        void ready.then(tell).catch(error => signal.aborted || say(error.message))
      } catch (error) {
        if (!signal.aborted) say(`${names.join(', ')} cannot join: ${(error as Error).message}`)
      }
    },
    changed(service) {
      say(`${service} changed and restarts`)
      void members.changed(service)
      changes.add(ASKED)
    },
    failed: (service, errors) =>
      say(
        `${service} does not build, so ${runs(service) ? 'its old version keeps running' : 'it does not start'}:\n${errors}`
      ),
    mended: service => say(`${service} builds again, with the same result as the running version`)
  })
}

/**
 * Returns a function that reads which services should run now: the selected ones, and those that were created after this call. While the
 * services cannot be read, it returns the last result.
 */
function wantedServices(stack: Stack, say: (line: string) => void): () => Service[] {
  // While Git checks out a branch, a folder may be missing for a moment. Its service is not new afterwards.
  const known = new Set(readStack(stack.root, stack.portBase).services.map(({ name }) => name))
  let services = stack.services
  let trouble = ''
  return () => {
    try {
      const whole = readStack(stack.root, stack.portBase)
      const names = whole.services.map(({ name }) => name)
      const made = names.filter(name => !known.has(name))
      const before = askedServices(stack)
      // A service that is created while a part of the stack runs belongs to that part.
      const asked = before && [...new Set([...before, ...made])]
      if (asked && made.length > 0) askServices(stack, asked)
      for (const name of made) known.add(name)
      const present = asked?.filter(name => names.includes(name))
      services = selectServices(whole, present).stack.services
      trouble = ''
    } catch (error) {
      const { message } = error as Error
      if (message !== trouble) say(`The running services do not change: ${message}`)
      trouble = message
    }
    return services
  }
}

/** True if two states of a service differ in nothing but the version. Otherwise the service and its store must be restarted. */
const isSame = (one: Service, other: Service) => isDeepStrictEqual({ ...one, version: '' }, { ...other, version: '' })
