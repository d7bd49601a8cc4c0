import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type BuildResult, context, formatMessages, type Message, type OutputFile } from 'esbuild'
import { bundleOptions } from './bundle.ts'
import { Failure } from './failure.ts'
import type { Stack } from './stack.ts'
import { textOf } from './text-of.ts'

/** Where the bundle of a service is kept. */
export const bundleFile = (stack: Stack, service: string) => join(stack.folder, 'build', service, 'server.js')

export type BundleWatch = {
  /** A later build gave other bytes; the file is written already. */
  changed: (service: string) => void
  /** A later build failed; the file is what it was. `errors` are esbuild's, formatted. */
  failed: (service: string, errors: string) => void
}

/** Bundles every service, and again whenever a file it is made of changes. Fails when one does not build now. Resolves with what ends the watching. */
export async function watchBundles(stack: Stack, watch: BundleWatch): Promise<() => Promise<void>> {
  const watched = await Promise.allSettled(stack.services.map(({ name }) => watchBundle(stack, name, watch)))
  const end = async () => {
    await Promise.all(watched.map(result => result.status === 'fulfilled' && result.value()))
  }
  const failed = watched.find(result => result.status === 'rejected')
  if (!failed) return end
  await end()
  throw failed.reason
}

async function watchBundle(stack: Stack, service: string, { changed, failed }: BundleWatch) {
  const file = bundleFile(stack, service)
  const first = Promise.withResolvers<void>()
  let builds = 0
  const finished = async ({ errors, outputFiles = [] }: BuildResult) => {
    const isFirst = builds++ === 0
    if (errors.length > 0) {
      const text = await describe(errors)
      return isFirst ? first.reject(new Failure(`${service} does not build:\n${text}`)) : failed(service, text)
    }
    const written = writeChanged(file, outputFiles)
    if (isFirst) first.resolve()
    else if (written) changed(service)
  }
  const builder = await context({
    ...bundleOptions(stack.root, service),
    plugins: [{ name: 'finished', setup: build => build.onEnd(finished) }]
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

/** Writes the bundle and its source map when the bundle differs from the file; says whether it did. */
function writeChanged(file: string, outputs: OutputFile[]): boolean {
  const bundle = outputs.find(({ path }) => path.endsWith('.js'))!
  if (bundle.text === textOf(file)) return false
  mkdirSync(join(file, '..'), { recursive: true })
  for (const { path, contents } of outputs) writeFileSync(join(file, '..', basename(path)), contents)
  return true
}

const describe = async (errors: Message[]) => (await formatMessages(errors, { kind: 'error' })).join('').trimEnd()
