import type { Audience } from '../contract/index.ts'
import { type Caller, forbidden, tokenNeeded } from '../core/index.ts'

/** Throws if `callers` does not include the caller: a 401 for a caller without a token, a 403 for any other caller. */
export function checkAccess(caller: Caller, callers: Audience[]) {
  if (callers.includes('public') || audiencesOf(caller).some(audience => callers.includes(audience))) return
  if (caller.kind === 'anonymous') throw tokenNeeded()
  throw forbidden(`This operation is for: ${callers.join(', ')}`)
}

function audiencesOf(caller: Caller): Audience[] {
  if (caller.kind === 'person') return caller.roles
  return caller.kind === 'service' ? [`service:${caller.name}`, 'service:*'] : []
}
