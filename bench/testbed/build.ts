import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { bundleOptions, tracingOptions } from '../../packages/cli/src/bundling/bundle.ts'

/** Bundles a program in the same way as the services, with OpenTelemetry beside it, so that both run alike. `source` is relative to `root`. */
export async function buildProgram(root: string, source: string, file: string) {
  const options = { ...bundleOptions(root, ''), entryPoints: [source], outfile: file, sourcemap: false, write: true }
  await build(options as Parameters<typeof build>[0])
  const tracing = { ...tracingOptions(root), outfile: join(dirname(file), 'tracing.js'), sourcemap: false, write: true }
  await build(tracing as Parameters<typeof build>[0])
}
