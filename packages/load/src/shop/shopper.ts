import type { Session } from '../gateway/accounts.ts'
import type { Call } from '../gateway/gateway.ts'
import type { Person } from './people.ts'

/** How a journey ended, as the summary shows it. */
export type End =
  | 'browsed'
  | 'abandoned'
  | 'bought'
  | 'declined'
  | 'cancelled'
  | 'out of stock'
  | 'still unpaid'
  | 'looked at orders'
  | 'nothing to buy'

/** Everything that a journey needs to play one shopper. */
export type Shopper = {
  call: Call
  person: Person
  /** Waits as long as a person looks at a page. Rejects with `Leaving` when the load ends. */
  look: () => Promise<void>
  /** True if a service runs. */
  has: (service: string) => boolean
  /** Resolves with the customer's access token. Undefined if the load has no customer. */
  customerToken: (() => Promise<string>) | undefined
  /** Signs the customer in for a session of its own. */
  signIn: (() => Promise<Session>) | undefined
  /** Adds pieces to the stock of a SKU that is sold out, if the load has a member of staff. */
  restock: (sku: string) => Promise<void>
  /** Keeps a cart that its shopper leaves behind. Deletes the oldest one if there are too many. */
  abandon: (cart: string) => Promise<void>
}

/** A way through the shop. */
export type Journey = {
  name: string
  /** How often it is played, in relation to the others. */
  weight: number
  /** The services that it calls. It is played only if all of them run. */
  needs: string[]
  /** True if it needs the customer's account. */
  isForCustomers?: boolean
  play: (shopper: Shopper) => Promise<End>
}

/** Ends a journey early, because the load ends. */
export class Leaving extends Error {
  override readonly name = 'Leaving'
}
