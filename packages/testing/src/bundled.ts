import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { programOptions } from '../../cli/src/bundle.ts'

const made = new Map<string, Promise<string>>()
let folder: string | undefined

/**
 * One file of a program and all that it imports, as services are run elsewhere: it starts in half the time, which counts where tests start
 * many. Made once in each process of the tests, and removed with it.
 */
export function bundled(program: string): Promise<string> {
  const file = made.get(program) ?? make(program)
  made.set(program, file)
  return file
}

async function make(program: string) {
  folder ??= temporary()
  const outfile = join(folder, `${made.size}-${basename(program, '.ts')}.mjs`)
  await build({ ...programOptions, entryPoints: [program], outfile })
  return outfile
}

function temporary() {
  const path = mkdtempSync(join(tmpdir(), 'bulkhead-bundled-'))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}
