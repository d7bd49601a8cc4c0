import { Failure } from './failure.ts'
import { portHolder } from './port-holders.ts'
import { isFree } from './ports.ts'
import type { Stack } from './stack.ts'

/** Fails when ports of the stack are taken, saying what for each is needed and, where the system tells, by whom it is held. */
export async function requireFreePorts(stack: Stack) {
  const needed = [
    ...stack.services.flatMap(({ name, ports, store }) => [
      { port: ports.api, purpose: name },
      { port: ports.operations, purpose: `${name}'s management` },
      ...(store === 'none' ? [] : [{ port: ports.store, purpose: `${name}'s store` }])
    ]),
    { port: stack.eventLogPort, purpose: 'the event log' }
  ]
  const portsOf = new Map<string, string[]>()
  for (const { port, purpose } of needed) {
    if (await isFree(port)) continue
    const holder = portHolder(port) ?? 'another process'
    portsOf.set(holder, [...(portsOf.get(holder) ?? []), `${port} (for ${purpose})`])
  }
  if (portsOf.size === 0) return
  const lines = [...portsOf].map(([holder, ports]) => `\n  ${holder}: ${ports.join(', ')}`)
  throw new Failure(
    'ports that the stack needs are in use',
    `End what holds them, or move every port: PORT_BASE=${stack.portBase + 1_000} make up${lines.join('')}`
  )
}
