import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type BuildContext,
  type BuildFailure,
  type BuildOptions,
  type BuildResult,
  build,
  context,
  formatMessages,
  type Message,
  type OutputFile
} from 'esbuild'
import { bundleOptions, entryPoint } from './bundle.ts'
import { Failure } from './failure.ts'
import { generate } from './generate.ts'
import { replaceFile } from './replace-file.ts'
import type { Stack } from './stack.ts'
import { textOf } from './text-of.ts'

/** Where the bundle of a service is kept. */
export const bundleFile = (stack: Stack, service: string) => join(stack.folder, 'build', service, 'server.js')

export type BundleWatch = {
  /** A build gave other bytes than the file had; it is written already. */
  changed: (service: string) => void
  /** A build failed; the file is what it was. `errors` are esbuild's, formatted, or why its contract can not be generated. */
  failed: (service: string, errors: string) => void
  /** After a build that failed one gave the bytes of the file. */
  mended: (service: string) => void
  /** Aborted to give up what is under way. */
  signal: AbortSignal
}

/**
 * Writes the contract of every service and bundles it: all by one process and in one build, which reads what they share once. Fails with
 * the errors of one that does not build.
 */
export async function bundleAll(stack: Stack, signal: AbortSignal) {
  const services = stack.services.map(({ name }) => name)
  const contracts = generate(stack.root, services, { contractsOnly: true, signal })
  const built = await contracts.then(() => build(optionsOf(stack, services))).catch(() => undefined)
  for (const service of services) {
    if (built) writeChanged(stack, service, built.outputFiles)
    else await bundleAlone(stack, service, signal)
  }
}

/** Tells, in place of the build of all, which service it is that does not build. */
async function bundleAlone(stack: Stack, service: string, signal: AbortSignal) {
  const trouble = (reason: string) => new Failure(`${service} does not build, so the stack does not start:\n${reason}`)
  const bundled = () =>
    build(optionsOf(stack, [service])).catch(async error => {
      throw trouble(await describe((error as BuildFailure).errors))
    })
  await bundled() // tells the places of errors, which the contract's generation does not
  const contractTrouble = await writeContract(stack, service, signal)
  if (contractTrouble !== undefined) throw trouble(contractTrouble)
  writeChanged(stack, service, (await bundled()).outputFiles)
}

/** Bundles each service again whenever a file it is made of changes, or has since it was bundled. Resolves with what ends that. */
export async function watchBundles(stack: Stack, watch: BundleWatch): Promise<() => Promise<void>> {
  const builders: BuildContext[] = []
  // One after another: the stack runs meanwhile, and is to be used.
  for (const { name } of stack.services) {
    if (watch.signal.aborted) break
    builders.push(await watchBundle(stack, name, watch))
  }
  await writeContractsAgain(stack, builders, watch.signal)
  return async () => {
    await Promise.all(builders.map(builder => builder.dispose()))
  }
}

/**
 * Covers changes between the first writing of contracts and the watching. One process writes all; where that fails, each is written with
 * its bundle, so that the service whose contract can not be generated is named.
 */
async function writeContractsAgain(stack: Stack, builders: BuildContext[], signal: AbortSignal) {
  const services = stack.services.map(({ name }) => name)
  const written = await generate(stack.root, services, { contractsOnly: true, signal }).then(
    () => true,
    () => signal.aborted
  )
  if (!written) await Promise.allSettled(builders.map(builder => builder.rebuild()))
}

/** Resolves when what there is now is looked at. */
async function watchBundle(stack: Stack, service: string, watch: BundleWatch): Promise<BuildContext> {
  const first = Promise.withResolvers<void>()
  let isFirst = true
  let trouble: string | undefined
  let contractTrouble: string | undefined
  const write = async () => {
    // Of all it was just written, and will be once more.
    if (!isFirst) contractTrouble = await writeContract(stack, service, watch.signal)
  }
  const finished = async ({ errors, outputFiles = [] }: BuildResult) => {
    const before = trouble
    trouble = errors.length > 0 ? await describe(errors) : contractTrouble
    if (trouble !== undefined) {
      if (trouble !== before) watch.failed(service, trouble)
    } else if (writeChanged(stack, service, outputFiles)) {
      watch.changed(service)
    } else if (before !== undefined) watch.mended(service)
    isFirst = false
    first.resolve()
  }
  const builder = await context({
    ...optionsOf(stack, [service]),
    plugins: [
      {
        name: 'contract',
        setup(build) {
          build.onStart(write)
          build.onEnd(async result => void (await finished(result)))
        }
      }
    ]
  })
  await builder.watch()
  await first.promise
  return builder
}

/** Those of `bundleOptions`, for several services, each to a folder of its name. */
function optionsOf({ root }: Stack, services: string[]) {
  const { outfile, ...options } = bundleOptions(root, '')
  const entryPoints = services.map(service => ({
    in: entryPoint(root, service),
    out: join(service, basename(outfile, '.js'))
  }))
  return { ...options, entryPoints, outdir: '.' } satisfies BuildOptions
}

/** Resolves with why it can not be generated; undefined where it is, and for a service without a contract. */
async function writeContract(stack: Stack, service: string, signal: AbortSignal): Promise<string | undefined> {
  if (!hasContract(stack, service)) return undefined
  try {
    await generate(stack.root, [service], { contractsOnly: true, signal })
  } catch (error) {
    return (error as Error).message
  }
}

const hasContract = (stack: Stack, service: string) =>
  ['service.ts', 'contract.ts'].some(file => existsSync(join(stack.root, 'services', service, 'src', file)))

/** Writes a service's bundle and its source map when the bundle differs from the file; says whether it did. */
function writeChanged(stack: Stack, service: string, outputs: OutputFile[]): boolean {
  const file = bundleFile(stack, service)
  const own = outputs.filter(({ path }) => basename(dirname(path)) === service)
  const bundle = own.find(({ path }) => path.endsWith('.js'))!
  if (bundle.text === textOf(file)) return false
  // Each in one step: its service may be just starting again.
  for (const { path, contents } of own) {
    replaceFile(join(dirname(file), basename(path)), contents)
  }
  return true
}

const describe = async (errors: Message[]) => (await formatMessages(errors, { kind: 'error' })).join('').trimEnd()
