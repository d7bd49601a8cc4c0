import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type BuildResult, context, formatMessages, type Message, type OutputFile, type PluginBuild } from 'esbuild'
import { bundleOptions } from './bundle.ts'
import { Failure } from './failure.ts'
import { generate } from './generate.ts'
import type { Stack } from './stack.ts'
import { textOf } from './text-of.ts'

/** Where the bundle of a service is kept. */
export const bundleFile = (stack: Stack, service: string) => join(stack.folder, 'build', service, 'server.js')

export type BundleWatch = {
  /** A later build gave other bytes; the file is written already. */
  changed: (service: string) => void
  /** A later build failed; the file is what it was. `errors` are esbuild's, formatted, or why its contract can not be generated. */
  failed: (service: string, errors: string) => void
  /** After a build that failed one gave the bytes of the file. */
  mended: (service: string) => void
  /** Aborted to give up what is under way. */
  signal: AbortSignal
}

/**
 * Writes the contract of every service and bundles it, and again whenever a file it is made of changes. Fails when one does not build now.
 * Resolves with what ends the watching.
 */
export async function watchBundles(stack: Stack, watch: BundleWatch): Promise<() => Promise<void>> {
  const allWritten = writeAllContracts(stack, watch.signal)
  const watched = await Promise.allSettled(
    stack.services.map(({ name }) => watchBundle(stack, name, watch, allWritten))
  )
  const end = async () => {
    await Promise.all(watched.map(result => result.status === 'fulfilled' && result.value()))
  }
  const failed = watched.find(result => result.status === 'rejected')
  if (!failed) return end
  await end()
  throw failed.reason
}

/** All at once, which is much less work than one by one. Resolves with whether all could be: one that can not tells why by itself. */
const writeAllContracts = (stack: Stack, signal: AbortSignal): Promise<boolean> =>
  generate(
    stack.root,
    stack.services.map(({ name }) => name),
    { contractsOnly: true, signal }
  ).then(
    () => true,
    () => false
  )

async function watchBundle(
  stack: Stack,
  service: string,
  { changed, failed, mended, signal }: BundleWatch,
  isWritten: Promise<boolean>
) {
  const file = bundleFile(stack, service)
  const first = Promise.withResolvers<void>()
  let builds = 0
  let trouble: string | undefined
  let contractTrouble: string | undefined
  const write = async () => {
    if (builds === 0 && (await isWritten)) return
    contractTrouble = await writeContract(stack, service, signal)
  }
  const finished = async ({ errors, outputFiles = [] }: BuildResult) => {
    const isFirst = builds++ === 0
    const before = trouble
    trouble = errors.length > 0 ? await describe(errors) : contractTrouble
    if (trouble !== undefined) {
      if (isFirst) first.reject(new Failure(`${service} does not build, so the stack does not start:\n${trouble}`))
      else if (trouble !== before) failed(service, trouble)
      return
    }
    const written = writeChanged(file, outputFiles)
    if (isFirst) first.resolve()
    else if (written) changed(service)
    else if (before !== undefined) mended(service)
  }
  const builder = await context({
    ...bundleOptions(stack.root, service),
    plugins: [{ name: 'contract', setup: withContract(stack, service, write, finished) }]
  })
  try {
    await builder.watch()
    await first.promise
    return () => builder.dispose()
  } catch (error) {
    await builder.dispose()
    throw error
  }
}

/** Has the contract written before each build, which reads it, and its sources watched, which are no part of the bundle. */
function withContract(
  stack: Stack,
  service: string,
  write: () => Promise<void>,
  finished: (result: BuildResult) => unknown
) {
  return (build: PluginBuild) => {
    build.onStart(write)
    build.onLoad({ filter: /contract\.json$/ }, () => ({ watchFiles: [contractSource(stack, service)] }))
    build.onEnd(async result => void (await finished(result)))
  }
}

/** Resolves with why it can not be generated; undefined where it is, and for a service without a contract. */
async function writeContract(stack: Stack, service: string, signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(contractSource(stack, service))) return undefined
  try {
    await generate(stack.root, [service], { contractsOnly: true, signal })
  } catch (error) {
    return (error as Error).message
  }
}

const contractSource = (stack: Stack, service: string) => join(stack.root, 'services', service, 'src/contract.ts')

/** Writes the bundle and its source map when the bundle differs from the file; says whether it did. */
function writeChanged(file: string, outputs: OutputFile[]): boolean {
  const bundle = outputs.find(({ path }) => path.endsWith('.js'))!
  if (bundle.text === textOf(file)) return false
  mkdirSync(join(file, '..'), { recursive: true })
  for (const { path, contents } of outputs) writeFileSync(join(file, '..', basename(path)), contents)
  return true
}

const describe = async (errors: Message[]) => (await formatMessages(errors, { kind: 'error' })).join('').trimEnd()
