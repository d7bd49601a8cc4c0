import type { Role } from '../tokens/development-keys.ts'
import { demoToken } from '../tokens/tokens.ts'
import { localUrl, type Stack } from './stack.ts'

/** The address of a running stack, and the tokens of its demo accounts. */
export type Shop = { address: string; tokens: Record<Role, string> }

/** Returns the shop of the stack on this machine. Fails if the stack has never run. */
export const localShop = (stack: Stack): Shop => ({
  address: localUrl(stack.portBase),
  tokens: { customer: demoToken(stack, 'customer'), staff: demoToken(stack, 'staff') }
})
