import type { ClientNetwork } from '@bulkhead/chassis/http'
import type { Attempts, Subject } from '../attempts/store.ts'
import { isRightPassword } from './hash.ts'
import type { PasswordQueue } from './queue.ts'

type Deps = { attempts: Attempts; queue: PasswordQueue }

type PasswordAttempt<Account> = {
  /** Finds the account whose password is checked. A check without an account takes as long as any other. */
  findAccount: () => Promise<Account | undefined>
  password: string
  /** A failure makes these wait. */
  subjects: Subject[]
  client: ClientNetwork
}

/**
 * Resolves with the account if the password is right, else with undefined. 429 while a subject must wait or too many checks of the client
 * wait for their turn, 503 while too many wait in all.
 */
export type PasswordCheck = <Account extends { password: string }>(
  attempt: PasswordAttempt<Account>
) => Promise<Account | undefined>

/** Checks passwords in the order of the queue, and makes a subject wait longer with each failure. */
export const passwordCheck =
  ({ attempts, queue }: Deps): PasswordCheck =>
  async ({ findAccount, password, subjects, client }) => {
    // Before the queue, so that a refused attempt costs nothing.
    for (const subject of subjects) await attempts.checkWait(subject)
    const account = await queue(client, async () => {
      for (const subject of subjects) await attempts.count(subject)
      const candidate = await findAccount()
      return (await isRightPassword(password, candidate?.password)) ? candidate : undefined
    })
    if (account) for (const subject of subjects) await attempts.forgive(subject)
    return account
  }
