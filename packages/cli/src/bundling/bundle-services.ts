import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type BuildFailure, type BuildOptions, build, formatMessages, type OutputFile } from 'esbuild'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { bundleOptions, entryPoint, TRACING, tracingOptions } from './bundle.ts'

/** The result for one service: whether its bundle changed, or why it does not build. */
export type Bundled = { service: string; isChanged: boolean } | { service: string; errors: string }

type Files = { files: OutputFile[] } | { errors: string }

// Usage: bundle-services.ts ROOT FOLDER SERVICE...
// Bundles services into FOLDER/<service>/server.js, with tracing.js beside it, and prints the results as JSON.
// It runs in its own process, because esbuild would keep hundreds of megabytes in the runner.
const [root = '', folder = '', ...services] = process.argv.slice(2)

const tracing = existsSync(join(root, TRACING)) ? await bundle(tracingOptions(root)) : { files: [] }
const allTogether = await bundle(optionsOf(services))
const results: Bundled[] = []
for (const service of services) {
  const result = 'files' in allTogether ? allTogether : await bundle(optionsOf([service]))
  const errors = [result, tracing].flatMap(built => ('errors' in built ? built.errors : []))
  if ('files' in result && 'files' in tracing) {
    const own = result.files.filter(({ path }) => basename(dirname(path)) === service)
    results.push({ service, isChanged: writeChanged(service, [...tracing.files, ...own]) })
  } else results.push({ service, errors: errors.join('\n') })
}
console.log(JSON.stringify(results))

/** Resolves with the files of a bundle, or with esbuild's formatted errors. */
async function bundle(options: BuildOptions): Promise<Files> {
  try {
    return { files: (await build(options)).outputFiles ?? [] }
  } catch (error) {
    const messages = await formatMessages((error as BuildFailure).errors, { kind: 'error' })
    return { errors: messages.join('').trimEnd() }
  }
}

/** Returns the `bundleOptions` for several services. The output folder of each one has its name. */
function optionsOf(names: string[]) {
  const { outfile, ...options } = bundleOptions(root, '')
  const entryPoints = names.map(name => ({ in: entryPoint(name), out: join(name, basename(outfile, '.js')) }))
  return { ...options, entryPoints, outdir: '.' } satisfies BuildOptions
}

/** Writes a service's bundles and their source maps if a bundle has changed. Returns true if one has. */
function writeChanged(service: string, files: OutputFile[]): boolean {
  const target = join(folder, service)
  const isChanged = ({ path, text }: OutputFile) =>
    path.endsWith('.js') && text !== readOptionalFile(join(target, basename(path)))
  if (!files.some(isChanged)) return false
  // Each file is replaced at once, because the service may be starting.
  for (const { path, contents } of files) replaceFile(join(target, basename(path)), contents)
  return true
}
