import { forbidden, Problem } from '@bulkhead/chassis/problem'
import type { Account } from './accounts.ts'
import type { AttemptStore, Subject } from './attempts/store.ts'
import type { Bounded } from './passwords/bounded.ts'
import { passwordMatches } from './passwords/hash.ts'

type Deps = { attempts: AttemptStore; bounded: Bounded }

type Attempt = {
  /** Whose password is asked for; undefined where there is no such account, which takes as long. */
  account: () => Promise<Account | undefined>
  password: string
  /** Who is slowed down by failures. */
  subjects: Subject[]
}

export type Credentials = ReturnType<typeof credentials>

/** Checks passwords: a few at a time, and ever slower for who keeps failing. */
export function credentials({ attempts, bounded }: Deps) {
  /**
   * The account, where the password is its own; else undefined. Rejects with a 429 while a subject must wait, before it costs anything,
   * and with a 503 where too many wait for their turn.
   */
  async function check({ account, password, subjects }: Attempt): Promise<Account | undefined> {
    for (const subject of subjects) await attempts.checkWait(subject)
    const found = await bounded(async () => {
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
