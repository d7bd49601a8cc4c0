import type { ClientNetwork } from '@bulkhead/chassis/http'
import type { Attempts, Subject } from '../attempts/store.ts'
import { isRightPassword } from './hash.ts'
import type { PasswordQueue } from './queue.ts'

type Deps = { attempts: Attempts; queue: PasswordQueue }

type PasswordAttempt<Account> = {
  /** Finds the account whose password is checked. A check takes the same time if there is no account. */
  findAccount: () => Promise<Account | undefined>
  password: string
  /** The subjects that must wait after a failure. */
  subjects: Subject[]
  client: ClientNetwork
}

/**
 * Resolves with the account if the password is correct, otherwise with undefined. Throws a 429 while a subject must wait or too many checks
 * of the client are queued. Throws a 503 while too many checks are queued in all.
 */
export type PasswordCheck = <Account extends { password: string }>(
  attempt: PasswordAttempt<Account>
) => Promise<Account | undefined>

/** Checks passwords in the order of the queue. Each failure makes its subjects wait longer. */
export const passwordCheck =
  ({ attempts, queue }: Deps): PasswordCheck =>
  async ({ findAccount, password, subjects, client }) => {
    // Look at the waits before the queue, so that a refused attempt costs no hashing.
    for (const subject of subjects) await attempts.checkWait(subject)
    const account = await queue(client, async () => {
      for (const subject of subjects) await attempts.count(subject)
      const candidate = await findAccount()
      return (await isRightPassword(password, candidate?.password)) ? candidate : undefined
    })
    if (account) for (const subject of subjects) await attempts.forgive(subject)
    return account
  }
