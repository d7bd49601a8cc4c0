import { readFile } from 'node:fs/promises'
import { type Clock, continueTrace, newId } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { hashPassword, passwordMatches } from '../passwords/hash.ts'
import { customerId, email, newPassword, staffId } from './schemas.ts'
import type { Accounts } from './store.ts'

const account = z.object({ id: z.union([customerId, staffId]), email, password: newPassword })
const bootstrap = z.array(account).max(100)

/**
 * Makes the accounts of a file, an array of `{ id, email, password }`: the first member of staff comes from nobody else. The file rules: an
 * account that is there gets its password, and keeps its ID; one that was erased is made anew, under another ID.
 */
export async function bootstrapAccounts(file: string, accounts: Accounts, clock: Clock) {
  const trace = { traceparent: continueTrace(undefined) }
  for (const { id, email, password } of bootstrap.parse(JSON.parse(await readFile(file, 'utf8')))) {
    const there = (await accounts.byEmail(email)) ?? (await accounts.byId(id))
    if (there && (await passwordMatches(password, there.password))) continue
    const hash = await hashPassword(password)
    if (there) await accounts.setPassword(there.id, hash, trace)
    else {
      const own = (await accounts.erasureOf(id)) ? newId(id.slice(0, 3), clock) : id
      await accounts.create({ id: own, email, password: hash, epoch: 0, createdAt: clock.now() }, trace)
    }
  }
}
