import type { Trace } from '@bulkhead/chassis/contract'
import { type Caller, type Context, forbidden, isStaff, notFound } from '@bulkhead/chassis/core'
import type { ClientNetwork } from '@bulkhead/chassis/http'
import type { Accounts } from '../accounts/store.ts'
import type { PasswordCheck } from '../passwords/check.ts'
import type { Registrations } from '../registrations/store.ts'
import type { Sessions } from '../sessions/store.ts'
import type { Erasures } from './store.ts'
import type { Erasure } from './tombstone.ts'

type Deps = {
  accounts: Accounts
  erasures: Erasures
  sessions: Sessions
  registrations: Registrations
  checkPassword: PasswordCheck
}

type ErasureRequest = { id: string; password: string | undefined; client: ClientNetwork }

export type Eraser = {
  /**
   * Erases a customer. Throws a 404 for another customer and a 403 for a wrong password. Staff needs no password. An erased account stays
   * erased.
   */
  erase(request: ErasureRequest, context: Context): Promise<Erasure>
  /** Finishes erasures that a replica did not finish because it was killed. */
  finishAll(trace: Trace): Promise<void>
}

const IDENTITY = 'identity'
/** Maximum number of erasures that one call of `finishAll` finishes. */
const MAX_FINISHED = 100

/**
 * Erases customers. One write replaces the account and publishes the event. Then the eraser removes the sessions and registrations, and
 * reports this like any other service.
 */
export function customerEraser({ accounts, erasures, sessions, registrations, checkPassword }: Deps): Eraser {
  async function finish(id: string, trace: Trace) {
    await sessions.endAllOf(id)
    await registrations.removeOf(id)
    await erasures.report(id, IDENTITY, 'deleted', trace)
  }

  async function checkAllowed({ id, password = '', client }: ErasureRequest, caller: Caller) {
    if (isStaff(caller)) return
    if (caller.kind !== 'person' || caller.id !== id) throw notFound()
    // An erased account has no password to check.
    if (await erasures.byId(id)) return
    const account = await checkPassword({
      findAccount: () => accounts.byId(id),
      password,
      subjects: [{ kind: 'account', name: id }],
      client
    })
    if (!account) throw forbidden('The password is wrong')
  }

  return {
    async erase(request, context) {
      const { id } = request
      const { caller } = context
      await checkAllowed(request, caller)
      const erasure = await erasures.erase(id, caller.kind === 'person' ? caller.id : '', context)
      await finish(id, context)
      return erasure
    },

    async finishAll(trace) {
      for (const { id } of await erasures.unreported(IDENTITY, MAX_FINISHED)) await finish(id, trace)
    }
  }
}
