/** The event by which identity has every service remove a customer's data, and the operation that takes the reports. */
const ERASED = 'identity.customer.erased'
const REPORT = 'reportErasure'

/** What tells whether a service stores customers' data: of its contract, its operations, and the `bulkhead` entry of its package.json. */
export type DataHolder = {
  name: string
  /** The kind of its store. */
  store: string
  /** Why it stores no customers' data though others than staff write to it. Undefined if it does not say so. */
  noCustomerData: string | undefined
  publishes: string[]
  handles: string[]
  /** The operations of others that it calls. */
  calls: { target: string; operation: string }[]
  operations: { id: string; method: string; callers: string[] }[]
}

/**
 * Reports services that may keep the data of erased customers, each in a line. A service with a store may have such data if a customer, a
 * guest or a service with such data can call an operation other than GET, or if it handles events of such a service or calls it. It must then
 * handle the erasure and report it, or give the reason in its package.json why it stores none. The publisher of the erasure needs no event.
 * Without a publisher, nobody is erased.
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

/** How customers' data may reach each service with a store: an operation, an event or a call. */
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
