import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram, pathWithBuilt } from '../packages/cli/src/processes/system-packages.ts'

const LIMIT = 30_000
const ROOM = 32 * 1024 * 1024

/** The message that is printed if charts can't be checked because helm is missing. */
export const NO_HELM =
  'charts are NOT checked: helm is neither on the PATH nor in ~/.cache/bulkhead/bin. `make cluster` builds it, or see https://helm.sh/docs/intro/install'

/** Finds helm on the PATH, or where `make cluster` builds it. Undefined if it is missing. */
export const findHelm = () => findProgram('helm', pathWithBuilt(process.env))

/**
 * Runs helm. Resolves with its output, and rejects with its error message. Ignores helm's notes about links, because our charts need them.
 */
export async function helm(program: string, ...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { timeout: LIMIT, maxBuffer: ROOM })).stdout
  } catch (cause) {
    const { stdout, stderr, message } = cause as { stdout?: string; stderr?: string; message: string }
    const lines = `${stdout ?? ''}${stderr ?? message}`
      .split('\n')
      .filter(line => !line.includes('found symbolic link'))
    throw new Error(lines.join('\n').trim(), { cause })
  }
}

/** Returns the release name of a chart. The release of a store has the name of its `service`: `<service>-store`. */
export const releaseOf = (chart: string, service = 'example') =>
  chart.startsWith('store-') ? `${service}-store` : chart
