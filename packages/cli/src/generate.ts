import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from './failure.ts'

const LIMIT = 60_000
const SCRIPT = join(import.meta.dirname, '../../../scripts/generate.ts')

/**
 * Writes the generated files of a service or a template, in a process of its own: modules of this one are read once and never again. With
 * `--contracts` its openapi.json and contract.json alone, and no version is raised. Fails with why not.
 */
export async function generate(root: string, name: string, ...options: '--contracts'[]) {
  const args = [SCRIPT, name, '--root', root, ...options]
  await promisify(execFile)(process.execPath, args, { cwd: root, timeout: LIMIT }).catch(cause => {
    const text = String(cause.stderr || cause.message)
    throw new Failure(`the contract of ${name} can not be generated`, /^\w*Error.*/m.exec(text)?.[0] ?? text, { cause })
  })
}
