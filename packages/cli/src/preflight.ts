import { Failure } from './failure.ts'
import { portHolder } from './port-holders.ts'
import { isFree } from './ports.ts'
import type { Stack } from './stack.ts'

/** Fails when a port of the stack is taken, saying what for it is needed and, where the system tells, by whom it is held. */
export async function requireFreePorts(stack: Stack) {
  const needed = [
    ...stack.services.flatMap(({ name, ports, store }) => [
      { port: ports.api, purpose: name },
      { port: ports.operations, purpose: `${name}'s management` },
      ...(store === 'none' ? [] : [{ port: ports.store, purpose: `${name}'s store` }])
    ]),
    { port: stack.eventLogPort, purpose: 'the event log' }
  ]
  for (const { port, purpose } of needed) {
    if (await isFree(port)) continue
    const holder = portHolder(port) ?? 'another process'
    throw new Failure(
      `port ${port}, needed for ${purpose}, is in use by ${holder}`,
      `End that process, or move every port: PORT_BASE=${stack.portBase + 1_000} make up`
    )
  }
}
