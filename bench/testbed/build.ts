import { build } from 'esbuild'
import { bundleOptions } from '../../packages/cli/src/bundling/bundle.ts'

/** Bundles a program in the same way as the services, so that both run alike. `source` is relative to `root`. */
export async function buildProgram(root: string, source: string, file: string) {
  const options = { ...bundleOptions(root, ''), entryPoints: [source], outfile: file, sourcemap: false, write: true }
  await build(options as Parameters<typeof build>[0])
}
