import { forbidden, Problem } from '@bulkhead/chassis/core'
import type { Account } from '../accounts/store.ts'
import type { AttemptStore, Subject } from '../attempts/store.ts'
import { passwordMatches } from './hash.ts'
import type { Bounded, ClientNetwork } from './queue.ts'

type Deps = { attempts: AttemptStore; bounded: Bounded }

type Attempt = {
  /** Whose password is asked for; undefined where there is no such account, which takes as long. */
  account: () => Promise<Account | undefined>
  password: string
  /** Who is slowed down by failures. */
  subjects: Subject[]
  client: ClientNetwork
}

export type Credentials = ReturnType<typeof credentials>

/** Checks passwords: a few at a time, clients in turn, and ever slower for a subject that keeps failing. */
export function credentials({ attempts, bounded }: Deps) {
  /**
   * The account if the password is its own, else undefined. Rejects before it costs anything: with a 429 while a subject must wait or too
   * many checks of the client wait for their turn, with a 503 while too many wait in all.
   */
  async function check({ account, password, subjects, client }: Attempt): Promise<Account | undefined> {
    for (const subject of subjects) await attempts.checkWait(subject)
    const found = await bounded(client, async () => {
      for (const subject of subjects) await attempts.count(subject)
      const known = await account()
      return (await passwordMatches(password, known?.password)) ? known : undefined
    })
    if (found) for (const subject of subjects) await attempts.forgive(subject)
    return found
  }

  return { check }
}

/** The same for an unknown address and a wrong password. */
export const wrongCredentials = () =>
  new Problem(401, 'wrong-credentials', 'The address or the password is wrong', {
    headers: { 'WWW-Authenticate': 'Bearer' }
  })

export const wrongPassword = () => forbidden('The password is wrong')
