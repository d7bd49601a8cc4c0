import { basename, join } from 'node:path'
import { freePort } from '../../packages/cli/src/processes/ports.ts'
import { localUrl } from '../../packages/cli/src/services/stack.ts'
import { buildProgram } from './build.ts'
import type { Testbed } from './testbed.ts'

/** Starts a program of bench/baselines by its name, on a free port. Resolves with its address and its process. */
export async function startBaseline(
  testbed: Testbed,
  name: string,
  environment: Record<string, string | undefined> = {}
) {
  const file = join(testbed.folder, basename(name), 'server.js')
  await buildProgram(testbed.root, join('bench/baselines', `${name}.ts`), file)
  const port = await freePort()
  const url = localUrl(port)
  const daemon = await testbed.launch({
    name,
    command: process.execPath,
    args: [file],
    environment: { ...process.env, ...environment, PORT: String(port) },
    logFile: join(testbed.folder, `${name}.log`),
    answers: () => isAnswering(url)
  })
  return { url, daemon }
}

/** True if an HTTP server answers, with any status. */
export const isAnswering = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    answer => answer.body?.cancel().then(() => true) ?? true,
    () => false
  )
