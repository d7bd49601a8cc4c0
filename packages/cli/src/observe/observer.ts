import { join } from 'node:path'
import type { NeededPort } from '../runner/preflight.ts'
import type { Stack } from '../services/stack.ts'

/** The ports of `bulkhead observe`. */
export type ObserverPorts = { prometheus: number; alertmanager: number; view: number }

export const observerPorts = ({ portBase }: Stack): ObserverPorts => ({
  prometheus: portBase + 290,
  alertmanager: portBase + 291,
  view: portBase + 292
})

/** The ports with the purpose of each, for messages. */
export function neededPorts(stack: Stack): NeededPort[] {
  const { prometheus, alertmanager, view } = observerPorts(stack)
  return [
    { port: prometheus, purpose: 'Prometheus' },
    { port: alertmanager, purpose: 'Alertmanager' },
    { port: view, purpose: "the operator's view" }
  ]
}

/**
 * Returns the stack with the folder of its observer. The observer has its own run, with its own record in that folder, so that it survives a
 * restart of the stack and keeps the history of its metrics.
 */
export const observerOf = (stack: Stack): Stack => ({ ...stack, folder: join(stack.folder, 'observe') })

/** The files of an observer. Their names are relative to its folder. */
export const OBSERVER_FILES = {
  prometheus: 'prometheus.yaml',
  alertmanager: 'alertmanager.yaml',
  targets: 'targets.json'
} as const

/** The rules that Prometheus loads, relative to the root of the repository. */
export const RULES_FOLDER = 'k8s/monitoring/rules'
/** The routes of Alertmanager, relative to the root of the repository. */
export const ROUTES_FILE = 'k8s/monitoring/alertmanager.yaml'
