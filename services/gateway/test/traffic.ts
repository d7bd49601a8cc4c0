import type { OpenTraffic } from '@bulkhead/testing/traffic'

/** The services whose traffic goes through the gateway. The traffic of payments and sandbox would only place orders again. */
const SERVICES = ['cart', 'catalog', 'identity', 'inventory', 'orders']

/** Runs the traffic of these services in turns. */
export const traffic: OpenTraffic = async ({ trafficOf }) => {
  const all = await Promise.all(SERVICES.map(trafficOf))
  let turn = 0
  const next = () => all[turn++ % all.length]!
  return {
    read: () => next().read(),
    write: () => next().write(),
    check: async () => (await Promise.all(all.map(({ check }) => check()))).flat()
  }
}
