import { OBJECTIVE_SECONDS, type Objective } from '@bulkhead/chassis/contract'
import type { MonitoredOperation, MonitoredService } from './monitored-service.ts'

/** The operations whose requests a service's metrics count: its own, or for the gateway the public ones of all services. */
export const countedOperations = (service: MonitoredService, all: MonitoredService[]): MonitoredOperation[] =>
  service.isGateway
    ? all.flatMap(({ operations }) => operations.filter(({ isPublic }) => isPublic))
    : service.operations

/**
 * Finds mistakes in objectives, each as one line. A rule over an operation that does not exist would never have data, so nobody would notice
 * a fault.
 */
export const objectiveProblems = (services: MonitoredService[]): string[] =>
  services.flatMap(service => problemsOf(service, services))

function problemsOf(service: MonitoredService, all: MonitoredService[]): string[] {
  const { objectives } = service.objectives
  const names = objectives.map(({ name }) => name)
  const known = countedOperations(service, all)
  const problems = [
    ...(objectives.length === 0 ? ['has no objective'] : []),
    ...names.filter((name, index) => names.indexOf(name) < index).map(name => `has two objectives named ${name}`),
    ...objectives.flatMap(objective => problemsIn(objective, known).map(text => `objective ${objective.name} ${text}`))
  ]
  return problems.map(problem => `services/${service.name}/src/slo.ts: ${problem}`)
}

function problemsIn(objective: Objective, known: MonitoredOperation[]): string[] {
  const { name, operations = [], availability, latency } = objective
  const ids = [...new Set(known.map(({ id }) => id))].sort()
  const unknown = operations.filter(id => !ids.includes(id))
  const untimed = known.filter(({ id, isTimed }) => !isTimed && operations.includes(id))
  return [
    ...(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) ? [] : ['must have a name of lower-case words joined by hyphens']),
    ...(objective.operations?.length === 0 ? ['has an empty list of operations: leave it out for all operations'] : []),
    ...unknown.map(id => `names ${id}, which is no operation. Choose from: ${ids.join(', ')}`),
    ...untimed.map(({ id }) => `names ${id}, a stream or an upload, whose duration depends on the client`),
    ...shareProblem('availability', availability),
    ...shareProblem('latency.share', latency.share),
    ...(OBJECTIVE_SECONDS.includes(latency.seconds)
      ? []
      : [`has latency.seconds ${latency.seconds}. Choose from: ${OBJECTIVE_SECONDS.join(', ')}`])
  ]
}

/** At 1, the budget would be 0, and each failed request an infinite burn rate. */
const shareProblem = (field: string, share: number) =>
  share >= 0.5 && share < 1 ? [] : [`has ${field} ${share}. Give a share from 0.5 to below 1, such as 0.999`]
