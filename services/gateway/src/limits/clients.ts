import { isIPv4 } from 'node:net'
import type { Caller } from '@bulkhead/chassis/core'
import type { Request } from 'express'

/** Returns the client that a limit counts: the account, or the network of a guest. */
export const clientOf = (request: Request, caller: Caller) => accountOf(caller) ?? networkOf(request.ip ?? '')

/** Returns the ID of a person or the name of a service. Returns undefined for a guest. */
export function accountOf(caller: Caller): string | undefined {
  if (caller.kind === 'anonymous') return undefined
  return caller.kind === 'person' ? caller.id : caller.name
}

/** Returns the address of an IPv4 client, or the /64 network of an IPv6 client: one household or machine may use any address of its /64. */
export function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(mapped)) return mapped
  const [start = '', end] = mapped.replace(/%.*$/, '').split('::')
  const groups = start.split(':').filter(Boolean)
  const last = end?.split(':').filter(Boolean) ?? []
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => '0')
  return [...groups, ...zeros, ...last]
    .slice(0, 4)
    .map(group => group.toLowerCase())
    .join(':')
}
