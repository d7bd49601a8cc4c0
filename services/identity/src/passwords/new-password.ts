import { invalidInput } from '@bulkhead/chassis/core'
import type { ClientNetwork } from '@bulkhead/chassis/http'
import { isGuessable } from './common.ts'
import { hashPassword } from './hash.ts'
import type { PasswordQueue } from './queue.ts'

type Credentials = { email: string; password: string }

/** Hashes a chosen password in its turn, as a PHC string. 400 for a common password or the address; the schema has checked its length. */
export async function hashNewPassword({ email, password }: Credentials, client: ClientNetwork, queue: PasswordQueue) {
  if (isGuessable(password, email)) {
    const detail = 'It is too easy to guess: choose another'
    throw invalidInput([{ pointer: '/body/password', detail }])
  }
  return queue(client, () => hashPassword(password))
}
