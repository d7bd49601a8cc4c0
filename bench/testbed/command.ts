import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const LIMIT_MS = 120_000

/**
 * Runs a command in the repository as a user would, without the variables of `make bench`. Resolves with its output. Fails with its output
 * if its exit code is not 0.
 */
export async function runCommand(root: string, [command, ...args]: [string, ...string[]], portBase: number) {
  const { MAKEFLAGS: _, MAKELEVEL: __, MFLAGS: ___, ...environment } = process.env
  const env = { ...environment, PORT_BASE: String(portBase), MONGODB_URL: undefined, REDIS_URL: undefined }
  const { stdout } = await promisify(execFile)(command, args, { cwd: root, env, timeout: LIMIT_MS })
  return stdout
}
