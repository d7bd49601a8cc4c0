import { Failure } from '../failure.ts'
import { portHolder } from '../processes/port-holders.ts'
import { isFree } from '../processes/ports.ts'
import type { Service, Stack } from '../services/stack.ts'

/** Fails if ports of the stack are in use. Names the purpose of each port and, if the system shows it, the process that uses the port. */
export async function requireFreePorts(stack: Stack) {
  await requireFreeOf(stack, [
    ...stack.services.flatMap(allPorts),
    { port: stack.eventLogPort, purpose: 'the event log' }
  ])
}

/** Works like `requireFreePorts`, for services that join a running stack. Does not check the ports of stores, which may already run. */
export const requireFreePortsOf = (stack: Stack, services: Service[]) =>
  requireFreeOf(stack, services.flatMap(ownPorts))

/** A port, and what needs it. */
export type NeededPort = { port: number; purpose: string }

const ownPorts = ({ name, ports }: Service): NeededPort[] => [
  { port: ports.api, purpose: name },
  { port: ports.operations, purpose: `${name}'s management` }
]

const allPorts = (service: Service): NeededPort[] =>
  service.store === 'none'
    ? ownPorts(service)
    : [...ownPorts(service), { port: service.ports.store, purpose: `${service.name}'s store` }]

const requireFreeOf = (stack: Stack, needed: NeededPort[]) =>
  requireFree(
    needed,
    'ports that the stack needs are in use',
    `Stop these processes, or use other ports: PORT_BASE=${stack.portBase + 1_000} make up`
  )

/** Fails with this problem and cure if ports are in use. Adds the purpose and, if the system shows it, the user of each port. */
export async function requireFree(needed: NeededPort[], problem: string, cure: string) {
  const portsOf = new Map<string, string[]>()
  for (const { port, purpose } of needed) {
    if (await isFree(port)) continue
    const holder = portHolder(port) ?? 'another process'
    portsOf.set(holder, [...(portsOf.get(holder) ?? []), `${port} (for ${purpose})`])
  }
  if (portsOf.size === 0) return
  const lines = [...portsOf].map(([holder, ports]) => `\n  ${holder}: ${ports.join(', ')}`)
  throw new Failure(problem, `${cure}${lines.join('')}`)
}
