import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { programOptions } from '../../cli/src/bundling/bundle.ts'

const bundles = new Map<string, Promise<string>>()
let folder: string | undefined

/**
 * Bundles a program and all that it imports into one file, and resolves with its path. A bundle starts in half the time, which matters to
 * tests that start many processes. A process of tests bundles each program once, and removes the bundles when it ends.
 */
export function bundled(program: string): Promise<string> {
  const file = bundles.get(program) ?? bundle(program)
  bundles.set(program, file)
  return file
}

async function bundle(program: string) {
  folder ??= temporaryFolder()
  const outfile = join(folder, `${bundles.size}-${basename(program, '.ts')}.mjs`)
  await build({ ...programOptions, entryPoints: [program], outfile })
  return outfile
}

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'bulkhead-bundled-'))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}
