import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'
import type { SourceChanges } from '../runner/source-changes.ts'
import type { Stack } from '../services/stack.ts'
import type { Bundled } from './bundle-services.ts'
import { generate } from './generate.ts'

const PROGRAM = join(import.meta.dirname, 'bundle-services.ts')
const BUNDLING_LIMIT = 120_000
const CHASSIS = 'packages/chassis/'

const bundlesOf = ({ folder }: Stack) => join(folder, 'build')

/** Where the bundle of a service is kept. */
export const bundleFile = (stack: Stack, service: string) => join(bundlesOf(stack), service, 'server.js')

export type BundleWatch = {
  /** Returns the names of the services that run, and of those that join them as soon as they build. Called after each change. */
  services: () => Promise<{ running: string[]; joining: string[] }>
  /** Called when joining services build. */
  built: (services: string[]) => Promise<void>
  /** Called when a bundle has changed, after its file is written. */
  changed: (service: string) => void
  /** Called when a service does not build. Its file stays as it was. `errors` has esbuild's errors, or why the contract fails. */
  failed: (service: string, errors: string) => void
  /** Called when a service builds again after a failure, and its bundle has not changed. */
  mended: (service: string) => void
  /** Aborts the watch and the work that is in progress. */
  signal: AbortSignal
}

/** Writes the contract and the bundle of every service. Fails with the errors of the first service that does not build. */
export async function bundleAll(stack: Stack, signal: AbortSignal) {
  const services = stack.services.map(({ name }) => name)
  const troubles = await bundle(stack, services, signal)
  for (const { service, trouble } of troubles) {
    if (trouble) throw new Failure(`${service} does not build, so the stack does not start:\n${trouble}`)
  }
}

/** Bundles services again when their sources change, until `watch.signal` aborts. */
export async function watchBundles(stack: Stack, changes: SourceChanges, watch: BundleWatch): Promise<void> {
  const failing = new Map<string, string>()
  for (;;) {
    const paths = await changes.next()
    const { running, joining } = await watch.services()
    const isConcerned = (service: string) =>
      failing.has(service) || paths.some(path => path.startsWith(CHASSIS) || path.startsWith(`services/${service}/`))
    const concerned = [...running.filter(isConcerned), ...joining]
    // Without names, `generate` would handle all services.
    if (concerned.length === 0) continue
    const built: string[] = []
    for (const { service, isChanged, trouble } of await bundle(stack, concerned, watch.signal)) {
      const before = failing.get(service)
      if (trouble !== undefined) {
        failing.set(service, trouble)
        if (trouble !== before) watch.failed(service, trouble)
        continue
      }
      failing.delete(service)
      if (joining.includes(service)) built.push(service)
      else if (isChanged) watch.changed(service)
      else if (before !== undefined) watch.mended(service)
    }
    if (built.length > 0) await watch.built(built)
  }
}

type Outcome = { service: string; isChanged: boolean; trouble: string | undefined }

/** Writes the contracts and bundles of services. If both fail for one, reports esbuild's error: it names the place in the sources. */
async function bundle(stack: Stack, services: string[], signal: AbortSignal): Promise<Outcome[]> {
  const contracts = await generate(stack.root, services, { contractsOnly: true, signal }).catch(error => error as Error)
  const args = [PROGRAM, stack.root, bundlesOf(stack), ...services]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: BUNDLING_LIMIT, signal })
  const outcomes = (JSON.parse(stdout) as Bundled[]).map(async bundled => {
    const { service } = bundled
    if ('errors' in bundled) return { service, isChanged: false, trouble: bundled.errors }
    const trouble = contracts ? await contractTrouble(stack, service, signal) : undefined
    return { service, isChanged: bundled.isChanged, trouble }
  })
  return Promise.all(outcomes)
}

/** Returns why the contract of a service cannot be generated. Undefined if it can be, or if the service has no src/service.ts. */
async function contractTrouble(stack: Stack, service: string, signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(join(stack.root, 'services', service, 'src/service.ts'))) return undefined
  try {
    await generate(stack.root, [service], { contractsOnly: true, signal })
  } catch (error) {
    return (error as Error).message
  }
}
