import { join } from 'node:path'
import { newId } from '@bulkhead/chassis/core'
import type { Stack } from '../services/stack.ts'
import { developmentKey } from './development-keys.ts'
import { personToken } from './tokens.ts'

/** Issues tokens of new customers, which the services of a stack accept. */
export async function customerTokens(stack: Stack, count: number): Promise<string[]> {
  const key = await developmentKey(join(stack.folder, 'keys'), 'people')
  return Promise.all(Array.from({ length: count }, () => personToken(key, newId('cus'), 'customer')))
}

/** Issues a token of a new member of staff. */
export async function staffToken(stack: Stack): Promise<string> {
  return personToken(await developmentKey(join(stack.folder, 'keys'), 'people'), newId('stf'), 'staff')
}
