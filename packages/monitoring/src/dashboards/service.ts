import { callsOfService, guardsOfService } from '../panels/calls.ts'
import { consumingOf, publishingOf } from '../panels/events.ts'
import { clientLimits, passwords } from '../panels/limits.ts'
import { objectivesOf } from '../panels/objectives.ts'
import { ownPanel } from '../panels/own.ts'
import type { Panel } from '../panels/panel.ts'
import { requestNumbers, requestsByOperation } from '../panels/requests.ts'
import { replicaNumbers, runtimeOf } from '../panels/runtime.ts'
import { storeOf } from '../panels/stores.ts'
import type { ServiceFacts } from '../services/services.ts'
import { type Dashboard, type Row, uidOfService } from './dashboard.ts'

/** Panels with more advice than the definitions of the metrics give. A service needs none. */
const ADVICE: Record<string, Panel[]> = { gateway: clientLimits(), identity: passwords() }

/** The dashboard of one service: its requests, then everything that it depends on, as its contract declares it. */
export function serviceDashboard(service: ServiceFacts): Dashboard {
  const { name, description, streams } = service
  return {
    name: `service-${name}`,
    uid: uidOfService(name),
    title: `Bulkhead: ${name}`,
    description: `${description}.`,
    rows: [
      { title: 'Now', panels: [...requestNumbers(name, streams), ...replicaNumbers(name)] },
      { title: 'Objectives', panels: objectivesOf(name) },
      { title: 'Requests', panels: requestsByOperation(name, streams) },
      ...rowsOfOwn(service),
      ...rowsOfCalls(service),
      ...rowsOfStore(service),
      ...rowsOfEvents(service),
      { title: 'Processes', panels: runtimeOf(name), isCollapsed: true }
    ]
  }
}

/** A row of the metrics that only this service has. */
function rowsOfOwn({ name, ownMetrics }: ServiceFacts): Row[] {
  const advice = ADVICE[name] ?? []
  const isShown = (metric: string) => advice.some(({ queries }) => queries.some(({ expr }) => expr.includes(metric)))
  const others = ownMetrics.filter(metric => !isShown(metric.name)).map(metric => ownPanel(metric, name))
  const panels = [...advice, ...others]
  return panels.length > 0 ? [{ title: `Only in ${name}`, panels }] : []
}

/** The gateway has no needs of its own, but passes requests on to every service. */
function rowsOfCalls({ name, targets }: ServiceFacts): Row[] {
  if (name === 'gateway') return [{ title: 'Requests to services', panels: guardsOfService(name) }]
  if (targets.length === 0) return []
  return [{ title: `Calls to ${targets.join(', ')}`, panels: [...callsOfService(name), ...guardsOfService(name)] }]
}

function rowsOfStore({ name, store }: ServiceFacts): Row[] {
  return store === 'none' ? [] : [{ title: 'Store', panels: storeOf(name, store) }]
}

function rowsOfEvents({ name, publishesEvents, subscribers, handlesEvents }: ServiceFacts): Row[] {
  return [
    ...(publishesEvents ? [{ title: 'Published events', panels: publishingOf(name, subscribers) }] : []),
    ...(handlesEvents ? [{ title: 'Handled events', panels: consumingOf(name) }] : [])
  ]
}
