/** The event after which every service removes a customer's data, and the operation of identity that receives their reports. */
const ERASED = 'identity.customer.erased'
const REPORT = 'reportErasure'

/** The facts that show if a service stores customers' data, from its contract, its operations and `bulkhead` in its package.json. */
export type DataHolder = {
  name: string
  /** The kind of its store. */
  store: string
  /** The reason why it stores no customers' data, although callers other than staff write to it. Undefined if it gives no reason. */
  noCustomerData: string | undefined
  publishes: string[]
  handles: string[]
  /** The operations of other services that it calls. */
  calls: { target: string; operation: string }[]
  operations: { id: string; method: string; callers: string[] }[]
}

/**
 * Returns a line for each service that may keep the data of erased customers. A service with a store may have such data if a customer, a
 * guest or a service with such data can call an operation other than GET, or if it calls such a service or handles its events. It must then
 * handle and report the erasure, or give a reason in its package.json why it stores none. The publisher of the erasure needs neither.
 * If no service publishes the erasure, returns no lines.
 */
export function erasureProblems(services: DataHolder[]): string[] {
  if (!services.some(({ publishes }) => publishes.includes(ERASED))) return []
  const sources = dataSources(services)
  return services.flatMap(service => {
    const { name, handles, publishes, calls, noCustomerData } = service
    const isHandled = handles.includes(ERASED)
    if (isHandled && noCustomerData !== undefined)
      return [`${name} handles ${ERASED}, but says that it has no customers' data`]
    if (isHandled && !calls.some(({ operation }) => operation === REPORT))
      return [`${name} handles ${ERASED}, and does not report it by ${REPORT}`]
    const source = sources.get(name)
    if (!source || isHandled || publishes.includes(ERASED) || noCustomerData?.trim()) return []
    return [
      `${name} may store customers' data by ${source}, and does not handle ${ERASED}. If it stores none, ` +
        'say why in its package.json: "bulkhead": { "noCustomerData": "..." }'
    ]
  })
}

/** Returns for each service that may have customers' data the operation, event or call through which it may get the data. */
function dataSources(services: DataHolder[]): Map<string, string> {
  const sources = new Map<string, string>()
  const reasons = new Map(services.map(({ name, noCustomerData }) => [name, noCustomerData?.trim()]))
  const mayShare = (name: string) => sources.has(name) && !reasons.get(name)
  const mayBring = (caller: string) =>
    ['customer', 'public'].includes(caller) ||
    sources.has(caller.replace(/^service:/, '')) ||
    (caller === 'service:*' && sources.size > 0)
  const sourceOf = ({ operations, handles, calls }: DataHolder) =>
    operations.find(({ method, callers }) => method !== 'get' && callers.some(mayBring))?.id ??
    handles.find(type => type !== ERASED && mayShare(type.split('.', 1)[0]!)) ??
    calls.find(({ target, operation }) => operation !== REPORT && mayShare(target))?.operation
  for (let count = -1; count !== sources.size; ) {
    count = sources.size
    for (const service of services) {
      const source = service.store !== 'none' && !sources.has(service.name) && sourceOf(service)
      if (source) sources.set(service.name, source)
    }
  }
  return sources
}
