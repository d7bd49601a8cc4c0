import { basename, dirname, join } from 'node:path'
import { type BuildFailure, type BuildOptions, build, formatMessages, type OutputFile } from 'esbuild'
import { bundleOptions, entryPoint } from './bundle.ts'
import { replaceFile } from './replace-file.ts'
import { textOf } from './text-of.ts'

/** The result for one service: whether its bundle changed, or why it does not build. */
export type Bundled = { service: string; isChanged: boolean } | { service: string; errors: string }

// Bundles services into FOLDER/<service>/server.js and prints what became of each, as JSON: bundle-services.ts ROOT FOLDER SERVICE...
// It is a process of its own, because esbuild and what it made would keep hundreds of megabytes in the runner.
const [root = '', folder = '', ...services] = process.argv.slice(2)

const together = await built(services)
const results: Bundled[] = []
for (const service of services) {
  const alone = 'files' in together ? together : await built([service])
  if ('files' in alone) results.push({ service, isChanged: writeChanged(service, alone.files) })
  else results.push({ service, errors: alone.errors })
}
console.log(JSON.stringify(results))

/** The files of the bundles of some services, or esbuild's errors in words. */
async function built(names: string[]): Promise<{ files: OutputFile[] } | { errors: string }> {
  try {
    return { files: (await build(optionsOf(names))).outputFiles }
  } catch (error) {
    const messages = await formatMessages((error as BuildFailure).errors, { kind: 'error' })
    return { errors: messages.join('').trimEnd() }
  }
}

/** The options of `bundleOptions` for several services, each with a folder of its name. */
function optionsOf(names: string[]) {
  const { outfile, ...options } = bundleOptions(root, '')
  const entryPoints = names.map(name => ({ in: entryPoint(name), out: join(name, basename(outfile, '.js')) }))
  return { ...options, entryPoints, outdir: '.' } satisfies BuildOptions
}

/** Writes a service's bundle and its source map if the bundle differs from the file, and says whether it did. */
function writeChanged(service: string, files: OutputFile[]): boolean {
  const own = files.filter(({ path }) => basename(dirname(path)) === service)
  const target = join(folder, service)
  const bundle = own.find(({ path }) => path.endsWith('.js'))!
  if (bundle.text === textOf(join(target, basename(bundle.path)))) return false
  // Each in one step, as the service may be starting again just now.
  for (const { path, contents } of own) replaceFile(join(target, basename(path)), contents)
  return true
}
