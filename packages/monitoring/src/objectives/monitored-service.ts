import type { ServiceObjectives } from '@bulkhead/chassis/contract'

/** An operation of a service, as far as rules depend on it. */
export type MonitoredOperation = {
  id: string
  /** False for streams and uploads, whose duration depends on the client. */
  isTimed: boolean
  /** True if people may call it, so the gateway routes it. */
  isPublic: boolean
}

/** A service, as far as rules depend on it. */
export type MonitoredService = {
  name: string
  store: 'mongodb' | 'redis' | 'none'
  state: 'none' | 'cache' | 'records'
  operations: MonitoredOperation[]
  /** True if the service routes the public operations of all others, as the gateway does. */
  isGateway: boolean
  objectives: ServiceObjectives
}
