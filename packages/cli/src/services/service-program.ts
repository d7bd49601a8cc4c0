import { join } from 'node:path'
import { bundleFile } from '../bundling/bundles.ts'
import type { Program } from '../processes/daemon.ts'
import { logsFolder } from '../stores/stores.ts'
import { NODE_OPTIONS } from './memory-settings.ts'
import { serviceEnvironment } from './service-environment.ts'
import { localUrl, type Service, type Stack } from './stack.ts'

const PROBE_LIMIT = 1_000

/** The log file of a service. */
export const serviceLog = (stack: Stack, service: string) => join(logsFolder(stack), `${service}.log`)

/** Returns the program that runs a service's newest bundle. It counts as started when the service is ready. */
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

/** Requests a service's health check. Resolves with the HTTP status, or with undefined if there is no answer within a second. */
export async function probe({ ports }: Service, path: 'livez' | 'readyz'): Promise<number | undefined> {
  try {
    const answer = await fetch(`${localUrl(ports.operations)}/${path}`, { signal: AbortSignal.timeout(PROBE_LIMIT) })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return undefined
  }
}
