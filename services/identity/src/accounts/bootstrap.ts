import { readFile } from 'node:fs/promises'
import { newTrace } from '@bulkhead/chassis/contract'
import { type Clock, newId } from '@bulkhead/chassis/core'
import * as z from 'zod'
import type { Erasures } from '../erasures/store.ts'
import { hashPassword, isRightPassword } from '../passwords/hash.ts'
import { newPassword } from '../passwords/schemas.ts'
import { customerId, email, staffId } from './schemas.ts'
import type { Accounts } from './store.ts'

type Deps = { accounts: Accounts; erasures: Pick<Erasures, 'byId'>; clock: Clock }

const account = z.object({ id: z.union([customerId, staffId]), email, password: newPassword })
const bootstrap = z.array(account).max(100)

/**
 * Creates the accounts of a JSON file, an array of `{ id, email, password }`, such as the first member of staff. An existing account keeps
 * its ID and gets the password of the file. An erased account is created again under a new ID.
 */
export async function bootstrapAccounts(file: string, { accounts, erasures, clock }: Deps) {
  const trace = newTrace()
  for (const { id, email, password } of bootstrap.parse(JSON.parse(await readFile(file, 'utf8')))) {
    const existing = (await accounts.byEmail(email)) ?? (await accounts.byId(id))
    if (existing && (await isRightPassword(password, existing.password))) continue
    const hash = await hashPassword(password)
    if (existing) await accounts.setPassword(existing.id, hash, trace)
    else {
      const freeId = (await erasures.byId(id)) ? newId(id.slice(0, 3), clock) : id
      await accounts.create({ id: freeId, email, password: hash }, trace)
    }
  }
}
