import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Ground } from './part.ts'

/** Milliseconds of one call. */
const LIMIT = 300_000

/** Runs the `bulkhead` command as its user would, on the installation of the ground or another one. Resolves with how it ended and what it said. */
export function bulkhead(
  { stack, cluster }: Ground,
  args: string[],
  namespace = cluster.namespace
): Promise<{ code: number | string; said: string }> {
  const command = [join(stack.root, 'packages/cli/bin/bulkhead.js'), ...args, '--namespace', namespace]
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig }
  return new Promise(resolve => {
    execFile(process.execPath, command, { env, timeout: LIMIT, maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? `no end within ${LIMIT / 1_000} s`) : 0, said: `${stdout}${stderr}` })
    )
  })
}

/** The same where it must succeed. Rejects with what it said. */
export async function mustBulkhead(ground: Ground, args: string[], namespace?: string): Promise<string> {
  const { code, said } = await bulkhead(ground, args, namespace)
  if (code !== 0) throw new Error(`bulkhead ${args.join(' ')} exits with ${code}: ${said.trim()}`)
  return said
}
