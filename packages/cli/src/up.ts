import { rmSync, writeFileSync } from 'node:fs'
import { bundleAll, watchBundles } from './bundles.ts'
import type { Program } from './daemon.ts'
import { Failure } from './failure.ts'
import { follow } from './follow.ts'
import { consoleLine } from './log-line.ts'
import { requireFreePorts } from './preflight.ts'
import { untilRouted } from './routes.ts'
import { beginRun, type Run } from './run.ts'
import { upstreams, upstreamsFile } from './service-environment.ts'
import { serviceLog, serviceProgram } from './service-program.ts'
import { type SourceChanges, watchSources } from './source-changes.ts'
import { withSourcePositions } from './source-positions.ts'
import type { Service, Stack } from './stack.ts'
import { logsFolder, type Stores, startStores } from './stores.ts'
import { type Supervisor, supervise } from './supervisor.ts'
import { issueTokens, keepSignedIn, keepTokensFresh } from './tokens.ts'

export type UpOptions = {
  /** URLs of stores to use instead of private ones. */
  userServers: { mongodb?: string | undefined; redis?: string | undefined }
  /** Shows everything that services log, not only warnings and worse. */
  allLogs: boolean
  say: (line: string) => void
  /** Called once, when everything is ready. */
  ready: () => Promise<void>
  /** Aborted to end the stack in order. */
  stop: AbortSignal
  /** Aborted to end it at once. */
  kill: AbortSignal
}

const STORE_CURE = 'If its data are damaged or of another release: `make reset` forgets all data of the stack'

/** What is under way, and what is to be called, when a run ends. */
type Ends = { tasks: Promise<unknown>[]; calls: (() => unknown)[] }

/** Runs a stack until it is told to stop. Fails when it cannot start; nothing that was started is left then either. */
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

/** Starts everything; what can go on at the same time does. */
async function start(stack: Stack, run: Run, options: UpOptions, ends: Ends) {
  const { userServers, say, ready } = options
  await requireFreePorts(stack)
  rmSync(logsFolder(stack), { recursive: true, force: true })
  writeFileSync(upstreamsFile(stack), JSON.stringify(upstreams(stack)))
  const failed = (error: unknown) => say(`The tokens cannot be renewed: ${(error as Error).message}`)
  ends.calls.push(await keepTokensFresh(stack, failed))
  run.ending.throwIfAborted()

  const supervisors: Record<string, Supervisor> = {}
  const changes = watchedSources(stack, say, run.ending)
  say(`Bundling ${stack.services.length} services and starting their stores`)
  const bundling = bundleAll(stack, run.ending)
  const launch = (program: Program) =>
    supervise({
      program: () => ({ ...program, cure: STORE_CURE }),
      started: identity => run.add('stores', identity),
      say,
      leave: run.ending
    })
  const storing = startStores(stack, { userServers, say, launch })
  ends.tasks.push(bundling, storing)
  const [stores] = await Promise.all([storing, bundling])
  run.ending.throwIfAborted()
  for (const line of stores.chosen) say(line)
  run.chose(stores.chosen)

  const services = stack.services.map(async service => {
    supervisors[service.name] = await superviseService(stack, service, stores, run, options, ends)
    say(`${service.name} ${service.version} is ready`)
  })
  ends.tasks.push(...services)
  await Promise.all(services)
  ends.calls.push(await keepSignedIn(stack, failed))
  const unrouted = await untilRouted(stack, run.ending)
  run.ending.throwIfAborted()
  if (unrouted.length > 0) say(`The gateway has no routes yet to ${unrouted.join(', ')}: see its log`)
  await ready()
  run.ready()
  if (changes) {
    const watching = watch(stack, changes, supervisors, say, run.ending)
    const ended = (error: Error) => run.ending.aborted || say(`Sources are watched no longer: ${error.message}`)
    ends.tasks.push(watching.catch(ended))
  }
}

/** The changes of sources from now on, so that none is missed while the stack starts. Undefined where the system can't watch. */
function watchedSources(stack: Stack, say: (line: string) => void, signal: AbortSignal): SourceChanges | undefined {
  try {
    return watchSources(stack.root, signal)
  } catch (error) {
    say(`Sources are not watched: ${(error as Error).message}. On Linux raise fs.inotify.max_user_watches`)
    return undefined
  }
}

function watch(
  stack: Stack,
  changes: SourceChanges,
  supervisors: Record<string, Supervisor>,
  say: (line: string) => void,
  signal: AbortSignal
) {
  return watchBundles(stack, changes, {
    signal,
    changed(service) {
      say(`${service} changed; it starts again`)
      // it may need another service since
      issueTokens(stack)
        .catch(error => say(`The tokens of ${service} cannot be made: ${(error as Error).message}`))
        .finally(() => supervisors[service]?.changed())
    },
    failed: (service, errors) => say(`${service} does not build, so the one that runs stays:\n${errors}`),
    mended: service => say(`${service} builds again, to what runs already`)
  })
}

/** Its log is shown once it runs: of one that does not start the error has the last words. */
async function superviseService(
  stack: Stack,
  service: Service,
  stores: Stores,
  run: Run,
  { allLogs, say }: UpOptions,
  ends: Ends
): Promise<Supervisor> {
  const show = (line: string) => {
    const shown = consoleLine(service.name, line, allLogs)
    if (shown) say(shown)
  }
  const supervisor = await supervise({
    program: () => serviceProgram(stack, service, stores.urls[service.name]),
    started: identity => run.add('services', identity),
    say,
    leave: run.ending
  })
  ends.calls.push(follow(serviceLog(stack, service.name), show, 0))
  return supervisor
}
