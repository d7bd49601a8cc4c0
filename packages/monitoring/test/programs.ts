import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Context } from 'mocha'
import { findProgram } from '../../cli/src/processes/system-packages.ts'

export const ROOT = join(import.meta.dirname, '../../..')

const LIMIT = 170_000

/** Skips a suite or a test, and prints the reason, if a program is not installed. `setup` is the argument of scripts/setup.sh for it. */
export const needProgram = (program: string, setup: string) =>
  function (this: Context) {
    if (findProgram(program, process.env.PATH) !== undefined) return
    console.log(`rules and alerts are NOT checked: ${program} is not installed. Run: scripts/setup.sh ${setup}`)
    this.skip()
  }

/** Runs a program in the root of the repository. Resolves with its output, and rejects with it if the program fails. */
export async function run(program: string, ...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd: ROOT, timeout: LIMIT })).stdout
  } catch (cause) {
    const { stdout = '', stderr = '', message } = cause as { stdout?: string; stderr?: string; message: string }
    throw new Error(`${message}\n${stdout}${stderr}`, { cause })
  }
}
