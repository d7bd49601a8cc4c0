import { type Caller, type Context, isStaff, notFound } from '@bulkhead/chassis/core'
import type { Accounts } from '../accounts/store.ts'
import { MOST_FINISHED } from '../limits.ts'
import { type Credentials, wrongPassword } from '../passwords/check.ts'
import type { ClientNetwork } from '../passwords/queue.ts'
import type { Registrations } from '../registrations/store.ts'
import type { Sessions } from '../sessions/store.ts'
import type { Erasure } from './tombstone.ts'

type Deps = {
  accounts: Accounts
  sessions: Sessions
  registrations: Registrations
  credentials: Credentials
}

/** An erasure that is asked for. Customers give their password, staff none. */
type Asked = { id: string; password: string | undefined; client: ClientNetwork }

const OURSELVES = 'identity'

export type Erasing = ReturnType<typeof erasing>

/**
 * Erasure. One write takes the person out of the account and has the event published; what else identity holds goes afterwards, and is
 * reported as any service does. `finishAll` does that for what a kill left.
 */
export function erasing({ accounts, sessions, registrations, credentials }: Deps) {
  async function finish(id: string, trace: Pick<Context, 'traceparent'>) {
    await sessions.endAllOf(id)
    await registrations.removeOf(id)
    await accounts.report(id, OURSELVES, 'deleted', trace)
  }

  /** 404 for another customer, 403 for a wrong password. Whoever is erased has none any more: sent again, it is done. */
  async function checkAllowed({ id, password, client }: Asked, caller: Caller) {
    if (isStaff(caller)) return
    if (caller.kind !== 'person' || caller.id !== id) throw notFound()
    if (await accounts.erasureOf(id)) return
    const subjects = [{ kind: 'account' as const, name: id }]
    const attempt = { account: () => accounts.byId(id), password: password ?? '', subjects, client }
    if (!(await credentials.check(attempt))) throw wrongPassword()
  }

  return {
    async erase(asked: Asked, context: Context): Promise<Erasure> {
      const { id } = asked
      const { caller } = context
      await checkAllowed(asked, caller)
      const erasure = await accounts.erase(id, caller.kind === 'person' ? caller.id : '', context)
      await finish(id, context)
      return erasure
    },

    async finishAll(trace: Pick<Context, 'traceparent'>) {
      for (const { id } of await accounts.unreported(OURSELVES, MOST_FINISHED)) await finish(id, trace)
    }
  }
}
