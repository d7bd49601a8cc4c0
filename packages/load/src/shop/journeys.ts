import { newId } from '@bulkhead/chassis/core'
import { signOut } from '../gateway/accounts.ts'
import { deleteCart, fillCart, type Line } from './cart.ts'
import { chance } from './choice.ts'
import { cancelAtBank, followOrder, isOnOffer, lookAtOrders, placeOrder } from './order.ts'
import { browse } from './products.ts'
import type { End, Journey, Shopper } from './shopper.ts'

/** The services of an order that is paid at the sandbox. */
const ORDERING = ['catalog', 'inventory', 'orders', 'payments', 'sandbox']
/** The share of the shoppers whose card is declined. */
const DECLINED = 0.06

/**
 * All journeys. Of 100 shoppers, 15 order as guests, 8 order as the customer and 26 make a cart. So 6 shoppers a second stay below the limits
 * of one address: 60 guests' orders, 60 orders of an account, and 120 carts a minute.
 */
export const JOURNEYS: Journey[] = [
  { name: 'browse', weight: 48, needs: ['catalog'], play: onlyBrowse },
  { name: 'look for a product that does not exist', weight: 4, needs: ['catalog'], play: findNothing },
  { name: 'abandon a cart', weight: 14, needs: ['catalog', 'cart'], play: abandonCart },
  { name: 'order as a guest', weight: 12, needs: [...ORDERING, 'cart'], play: orderAsGuest },
  { name: 'cancel an order', weight: 3, needs: ORDERING, play: cancelOrder },
  {
    name: 'order as a customer',
    weight: 8,
    needs: [...ORDERING, 'identity'],
    isForCustomers: true,
    play: orderAsCustomer
  },
  { name: 'look at orders', weight: 8, needs: ['orders', 'identity'], isForCustomers: true, play: lookAsCustomer },
  { name: 'sign in', weight: 3, needs: ['orders', 'identity'], isForCustomers: true, play: signInAndOut }
]

async function onlyBrowse(shopper: Shopper): Promise<End> {
  await browse(shopper)
  return 'browsed'
}

async function findNothing({ call }: Shopper): Promise<End> {
  await call('missing product', [404], 'GET', `/api/v1/catalog/products/${newId('prd')}`)
  return 'browsed'
}

async function abandonCart(shopper: Shopper): Promise<End> {
  const offer = await browse(shopper)
  if (!offer) return 'nothing to buy'
  const { cart } = await fillCart(shopper, offer)
  await shopper.abandon(cart)
  return 'abandoned'
}

async function orderAsGuest(shopper: Shopper): Promise<End> {
  const offer = await browse(shopper)
  if (!offer) return 'nothing to buy'
  const { cart, line } = await fillCart(shopper, offer)
  const end = (await isOnOffer(shopper, line)) ? await buy(shopper, line, cart) : 'out of stock'
  await deleteCart(shopper, cart)
  return end
}

async function buy(shopper: Shopper, line: Line, cart: string): Promise<End> {
  const placed = await placeOrder(shopper, line, chance(DECLINED) ? 'declined' : 'approved', { cart })
  return followOrder(shopper, placed, line)
}

async function cancelOrder(shopper: Shopper): Promise<End> {
  const offer = await browse(shopper)
  if (!offer) return 'nothing to buy'
  const line = { ...offer, quantity: 1 }
  if (!(await isOnOffer(shopper, line))) return 'out of stock'
  return cancelAtBank(shopper, await placeOrder(shopper, line, 'authenticated'), line)
}

async function orderAsCustomer(shopper: Shopper): Promise<End> {
  const token = await shopper.customerToken!()
  const offer = await browse(shopper)
  if (!offer) return 'nothing to buy'
  const line = { ...offer, quantity: 1 }
  if (!(await isOnOffer(shopper, line))) return 'out of stock'
  return followOrder(shopper, await placeOrder(shopper, line, 'approved', { token }), line)
}

async function lookAsCustomer(shopper: Shopper): Promise<End> {
  return lookAtOrders(shopper, await shopper.customerToken!())
}

async function signInAndOut(shopper: Shopper): Promise<End> {
  const session = await shopper.signIn!()
  await shopper.look()
  const end = await lookAtOrders(shopper, session.accessToken)
  await signOut(shopper.call, session)
  return end
}
