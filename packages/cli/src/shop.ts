import type { Role } from './development-keys.ts'
import { localUrl, type Stack } from './stack.ts'
import { demoToken } from './tokens.ts'

/** Where a stack that runs is reached, and the tokens of its demo people. */
export type Shop = { address: string; tokens: Record<Role, string> }

/** The stack on this machine. Fails when it has never run. */
export const localShop = (stack: Stack): Shop => ({
  address: localUrl(stack.portBase),
  tokens: { customer: demoToken(stack, 'customer'), staff: demoToken(stack, 'staff') }
})
