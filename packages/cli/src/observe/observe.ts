import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { streamOperations } from '@bulkhead/monitoring/view/server/streams'
import { openView, type View } from '@bulkhead/monitoring/view/server/view-server'
import { Failure } from '../failure.ts'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import type { Program } from '../processes/daemon.ts'
import { type Identity, signal as send } from '../processes/processes.ts'
import { requireFree } from '../runner/preflight.ts'
import { beginRun, isRunning, type Run } from '../runner/run.ts'
import { supervise } from '../runner/supervisor.ts'
import { localUrl, type Stack } from '../services/stack.ts'
import { logsFolder } from '../stores/stores.ts'
import { alertmanagerConfiguration, prometheusConfiguration } from './configuration.ts'
import { firstScrape } from './first-scrape.ts'
import { neededPorts, OBSERVER_FILES, observerOf, observerPorts, ROUTES_FILE } from './observer.ts'
import { alertmanagerProgram, prometheusProgram } from './programs.ts'
import { requireValidRules, versionOfRules } from './rules.ts'
import { followTargets, LOCAL_NAMESPACE, writeTargets } from './targets.ts'

export type ObserveOptions = {
  say: (line: string) => void
  /** Called once with the names of the scraped services, when all three answer and the first scrape has succeeded. */
  ready: (services: string[]) => void
  /** Stops everything when aborted. */
  stop: AbortSignal
  /** Kills everything immediately when aborted. */
  kill: AbortSignal
}

/**
 * Runs Prometheus, Alertmanager and the operator's view beside a running stack until `stop` aborts. Fails if the stack does not run, a port
 * is in use, a program is missing, or the rules are invalid. Then nothing that it started keeps running.
 */
export async function observe(stack: Stack, options: ObserveOptions) {
  const { say, stop, kill } = options
  if (!isRunning(stack)) throw new Failure('the stack does not run', 'Start it first: make up DETACH=1')
  const run = await beginRun(observerOf(stack), say)
  kill.addEventListener('abort', () => run.kill())
  const opened: View[] = []
  const starting = start(stack, run, options, opened)
  const stopped = new Promise(resolve => stop.addEventListener('abort', resolve))
  try {
    await Promise.race([starting, stopped])
    if (!stop.aborted) await stopped
    say('Stopping')
  } finally {
    const names = await run.end()
    await Promise.allSettled([starting])
    for (const view of opened) await view.close()
    if (names.length > 0) say(`Stopped ${names.join(', ')}`)
  }
}

async function start(stack: Stack, run: Run, { say, ready }: ObserveOptions, opened: View[]) {
  const observer = observerOf(stack)
  const ports = observerPorts(stack)
  const cure = 'Stop these processes, or use a stack with another PORT_BASE'
  await requireFree(neededPorts(stack), 'ports that `bulkhead observe` needs are in use', cure)
  const programs = [prometheusProgram(stack), alertmanagerProgram(stack)]
  await requireValidRules(stack)
  rmSync(logsFolder(observer), { recursive: true, force: true })
  writeConfiguration(stack)
  const targets = join(observer.folder, OBSERVER_FILES.targets)
  writeTargets(stack, targets)

  const processes = new Map<string, Identity>()
  const launch = (program: Program) =>
    supervise({
      program: () => program,
      started(identity) {
        processes.set(identity.name, identity)
        run.add('services', identity)
      },
      say,
      leave: run.ending
    })
  const view = await openView({
    port: ports.view,
    prometheus: localUrl(ports.prometheus),
    alertmanager: localUrl(ports.alertmanager),
    namespace: LOCAL_NAMESPACE,
    streams: streamOperations(stack.root),
    runbooks: join(stack.root, 'docs/runbooks'),
    isStackRunning: () => isRunning(stack),
    say
  })
  opened.push(view)
  run.ending.throwIfAborted()
  await Promise.all(programs.map(launch))
  void followTargets({ stack, file: targets, say, signal: run.ending })
  void followRules(stack, [...processes.values()], say, run.ending)
  ready(await firstScrape(localUrl(ports.prometheus), run.ending))
  run.ready()
}

function writeConfiguration(stack: Stack) {
  const { folder } = observerOf(stack)
  const routes = readOptionalFile(join(stack.root, ROUTES_FILE))
  replaceFile(join(folder, OBSERVER_FILES.prometheus), prometheusConfiguration(stack))
  replaceFile(join(folder, OBSERVER_FILES.alertmanager), alertmanagerConfiguration(routes))
}

const RULES_PAUSE = 2_000

/** Loads rules and routes again when their files change, until `signal` aborts. Keeps the last valid ones. */
async function followRules(stack: Stack, processes: Identity[], say: (line: string) => void, signal: AbortSignal) {
  let version = versionOfRules(stack)
  for (; !signal.aborted; await delay(RULES_PAUSE, undefined, { ref: false })) {
    try {
      const current = versionOfRules(stack)
      if (current === version) continue
      version = current
      await requireValidRules(stack)
      writeConfiguration(stack)
      for (const identity of processes) send(identity, 'SIGHUP')
      say('The rules have changed and are loaded again')
    } catch (error) {
      say(`The rules have changed, and the last ones stay: ${(error as Error).message}`)
    }
  }
}
