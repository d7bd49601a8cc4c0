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
  calls: string[]
  operations: { id: string; method: string; callers: string[] }[]
}

/**
 * Why services may keep the data of erased customers, each in a line. A service with a store may have such data if a customer, a guest or
 * another service that may have them can call an operation that is no GET. It must then handle the erasure and report it, or say in its
 * package.json why it stores none. The publisher of the erasure does it itself; where no service publishes it, nobody is erased.
 */
export function erasureProblems(services: DataHolder[]): string[] {
  if (!services.some(({ publishes }) => publishes.includes(ERASED))) return []
  const writers = writersOf(services)
  return services.flatMap(service => {
    const { name, handles, publishes, calls, noCustomerData } = service
    const isHandled = handles.includes(ERASED)
    if (isHandled && noCustomerData !== undefined)
      return [`${name} handles ${ERASED}, but says that it has no customers' data`]
    if (isHandled && !calls.includes(REPORT)) return [`${name} handles ${ERASED}, and does not report it by ${REPORT}`]
    const operation = writers.get(name)
    if (!operation || isHandled || publishes.includes(ERASED) || noCustomerData?.trim()) return []
    return [
      `${name} may store customers' data by ${operation}, and does not handle ${ERASED}. If it stores none, ` +
        'say why in its package.json: "bulkhead": { "noCustomerData": "..." }'
    ]
  })
}

/** An operation that may bring customers' data, for each service that may have them. */
function writersOf(services: DataHolder[]): Map<string, string> {
  const writers = new Map<string, string>()
  for (let count = -1; count !== writers.size; ) {
    count = writers.size
    const brings = (caller: string) =>
      ['customer', 'public'].includes(caller) ||
      writers.has(caller.replace(/^service:/, '')) ||
      (caller === 'service:*' && writers.size > 0)
    for (const { name, store, operations } of services) {
      const writer = operations.find(({ method, callers }) => method !== 'get' && callers.some(brings))
      if (store !== 'none' && writer && !writers.has(name)) writers.set(name, writer.id)
    }
  }
  return writers
}
