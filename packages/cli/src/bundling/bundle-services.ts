import { basename, dirname, join } from 'node:path'
import { type BuildFailure, type BuildOptions, build, formatMessages, type OutputFile } from 'esbuild'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { bundleOptions, entryPoint } from './bundle.ts'

/** The result for one service: whether its bundle changed, or why it does not build. */
export type Bundled = { service: string; isChanged: boolean } | { service: string; errors: string }

// Usage: bundle-services.ts ROOT FOLDER SERVICE...
// Bundles services into FOLDER/<service>/server.js and prints the results as JSON.
// It runs in its own process, because esbuild would keep hundreds of megabytes in the runner.
const [root = '', folder = '', ...services] = process.argv.slice(2)

const allTogether = await bundle(services)
const results: Bundled[] = []
for (const service of services) {
  const result = 'files' in allTogether ? allTogether : await bundle([service])
  if ('files' in result) results.push({ service, isChanged: writeChanged(service, result.files) })
  else results.push({ service, errors: result.errors })
}
console.log(JSON.stringify(results))

/** Bundles services. Resolves with the files, or with esbuild's formatted errors. */
async function bundle(names: string[]): Promise<{ files: OutputFile[] } | { errors: string }> {
  try {
    return { files: (await build(optionsOf(names))).outputFiles }
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

/** Writes a service's bundle and its source map if the bundle has changed. Returns true if it has. */
function writeChanged(service: string, files: OutputFile[]): boolean {
  const own = files.filter(({ path }) => basename(dirname(path)) === service)
  const target = join(folder, service)
  const bundle = own.find(({ path }) => path.endsWith('.js'))!
  if (bundle.text === readOptionalFile(join(target, basename(bundle.path)))) return false
  // Each file is replaced at once, because the service may be starting.
  for (const { path, contents } of own) replaceFile(join(target, basename(path)), contents)
  return true
}
