import { build } from 'esbuild'
import { bundleOptions } from '../packages/cli/src/bundle.ts'

/** Bundles a program to one file as services are bundled, so that what is compared runs the same way. `source` is relative to `root`. */
export async function buildProgram(root: string, source: string, file: string) {
  const options = { ...bundleOptions(root, ''), entryPoints: [source], outfile: file, sourcemap: false, write: true }
  await build(options as Parameters<typeof build>[0])
}
