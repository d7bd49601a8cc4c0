import type { OpenTraffic } from '@bulkhead/testing/traffic'

/** That of all others in turns, for the gateway is on every way. */
export const traffic: OpenTraffic = async ({ others }) => {
  const all = await others()
  let turn = 0
  const next = () => all[turn++ % all.length]!
  return {
    read: () => next().read(),
    write: () => next().write(),
    check: async () => (await Promise.all(all.map(({ check }) => check()))).flat()
  }
}
