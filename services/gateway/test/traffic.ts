import type { OpenTraffic } from '@bulkhead/testing/traffic'

/** All ways lead through the gateway. Those of payments and sandbox are orders as well: once is enough for a small machine. */
const SERVICES = ['cart', 'catalog', 'identity', 'inventory', 'orders']

/** That of others in turns. */
export const traffic: OpenTraffic = async ({ of }) => {
  const all = await Promise.all(SERVICES.map(of))
  let turn = 0
  const next = () => all[turn++ % all.length]!
  return {
    read: () => next().read(),
    write: () => next().write(),
    check: async () => (await Promise.all(all.map(({ check }) => check()))).flat()
  }
}
