import { setTimeout as delay } from 'node:timers/promises'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { runFile } from '../runner/run.ts'
import { membersOf, readRunRecord } from '../runner/run-record.ts'
import { readStack, type Service, type Stack } from '../services/stack.ts'

/** The targets of Prometheus in the format of its file_sd_config. */
export type TargetGroup = { targets: string[]; labels: Record<string, string> }

/** The label `namespace` of every metric of a stack on one machine. */
export const LOCAL_NAMESPACE = 'local'

/** Returns one target for each service: its management port, with the labels that a ServiceMonitor gives it in a cluster. */
export const targetsOf = (services: Service[]): TargetGroup[] =>
  services.map(({ name, ports }) => ({
    targets: [`127.0.0.1:${ports.operations}`],
    labels: { namespace: LOCAL_NAMESPACE, service: name }
  }))

/**
 * Writes the targets of a stack's run to a file, if they have changed. A stack that was stopped has no targets. A stack whose runner was
 * killed keeps them, so that its services count as down.
 */
export function writeTargets(stack: Stack, file: string) {
  const record = readRunRecord(runFile(stack))
  const services = record ? membersOf(readStack(stack.root, stack.portBase), record) : []
  const text = `${JSON.stringify(targetsOf(services), undefined, 2)}\n`
  if (readOptionalFile(file) !== text) replaceFile(file, text)
}

/** How long to wait between two looks at the run of the stack (ms). */
const PAUSE = 1_000

export type Following = { stack: Stack; file: string; say: (line: string) => void; signal: AbortSignal }

/** Keeps the file with the targets up to date until `signal` aborts. While the services cannot be read, it keeps the last targets. */
export async function followTargets({ stack, file, say, signal }: Following) {
  let trouble = ''
  while (!signal.aborted) {
    try {
      writeTargets(stack, file)
      trouble = ''
    } catch (error) {
      const { message } = error as Error
      if (message !== trouble) say(`The targets of Prometheus do not change: ${message}`)
      trouble = message
    }
    await delay(PAUSE, undefined, { ref: false })
  }
}
