import { join } from 'node:path'
import { bundleFile } from './bundles.ts'
import type { Program } from './daemon.ts'
import { serviceEnvironment } from './service-environment.ts'
import { localUrl, type Service, type Stack } from './stack.ts'
import { logsOf } from './stores.ts'

const PROBE_LIMIT = 1_000
/**
 * Memory for a little CPU time: a young generation of 3 × 8 MiB at most in place of 3 × 16, and an old one that is collected when it
 * grew by 60 %. Of an import of 100,000 rows the peak fell from 245 to 175 MiB (VmHWM) so. At 30 % it is 166, but a busy service
 * collects twice as often. The Dockerfile has the same.
 */
export const NODE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=60']

/** The file that a service writes its log to. */
export const serviceLog = (stack: Stack, service: string) => join(logsOf(stack), `${service}.log`)

/** A process of a service's newest bundle to start. It answers once the service is ready. */
export function serviceProgram(stack: Stack, service: Service, storeUrl: string | undefined): Program {
  return {
    name: service.name,
    command: process.execPath,
    args: [...NODE_OPTIONS, bundleFile(stack, service.name)],
    environment: serviceEnvironment(stack, service, storeUrl),
    logFile: serviceLog(stack, service.name),
    answers: async () => (await probe(service, 'readyz')) === 200
  }
}

/** The HTTP status that a service's management port answers; undefined for no answer within a second. */
export async function probe({ ports }: Service, path: 'livez' | 'readyz'): Promise<number | undefined> {
  try {
    const answer = await fetch(`${localUrl(ports.operations)}/${path}`, { signal: AbortSignal.timeout(PROBE_LIMIT) })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return undefined
  }
}
