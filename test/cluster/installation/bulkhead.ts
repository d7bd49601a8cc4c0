import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Installation } from '../part.ts'

/** How long one call may take (ms). */
const LIMIT = 300_000

/**
 * Runs the `bulkhead` command like a user, on the namespace of the installation or on another one. Resolves with its exit code and output.
 */
export function bulkhead(
  { stack, cluster }: Installation,
  args: string[],
  namespace = cluster.namespace
): Promise<{ code: number | string; output: string }> {
  const command = [join(stack.root, 'packages/cli/bin/bulkhead.js'), ...args, '--namespace', namespace]
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig }
  return new Promise(resolve => {
    execFile(process.execPath, command, { env, timeout: LIMIT, maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
      resolve({
        code: error ? (error.code ?? `still running after ${LIMIT / 1_000} s`) : 0,
        output: `${stdout}${stderr}`
      })
    )
  })
}

/** Runs the `bulkhead` command. Resolves with its output, and rejects if it fails. */
export async function runBulkhead(installation: Installation, args: string[], namespace?: string): Promise<string> {
  const { code, output } = await bulkhead(installation, args, namespace)
  if (code !== 0) throw new Error(`bulkhead ${args.join(' ')} exits with ${code}: ${output.trim()}`)
  return output
}
