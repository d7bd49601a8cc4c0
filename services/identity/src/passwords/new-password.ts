import { invalidInput } from '@bulkhead/chassis/core'
import { isGuessable } from './common.ts'

/** 400 for a password that an attacker tries first. Its length is the schema's to check. */
export function checkNewPassword(password: string, email: string) {
  if (!isGuessable(password, email)) return
  throw invalidInput([{ pointer: '/body/password', detail: 'It is one of those that are tried first: choose another' }])
}
