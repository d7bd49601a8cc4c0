import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'

const LIMIT = 60_000
const SCRIPT = join(import.meta.dirname, '../../../../scripts/generate.ts')

type Options = {
  /** True to write only openapi.json and contract.json. */
  contractsOnly?: boolean
  /** Aborts the generation. */
  signal?: AbortSignal
}

/**
 * Writes the generated files of services or templates, in a new process, because a running process does not load changed modules again.
 * Fails with the reason if they cannot be generated.
 */
export async function generate(root: string, names: string[], { contractsOnly = false, signal }: Options = {}) {
  const args = [SCRIPT, ...names, '--root', root, ...(contractsOnly ? ['--contracts'] : [])]
  const options = { cwd: root, timeout: LIMIT, ...(signal && { signal }) }
  await promisify(execFile)(process.execPath, args, options).catch(cause => {
    const text = String(cause.stderr || cause.message)
    const reason = /^\w*Error.*/m.exec(text)?.[0] ?? text
    throw new Failure(`cannot generate the contract of ${names.join(', ')}`, reason, { cause })
  })
}
