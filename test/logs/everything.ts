import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readAccounts, tokenKeeper } from '@bulkhead/load/gateway/accounts'
import { type Call, openGateway } from '@bulkhead/load/gateway/gateway'
import { openShop, playJourney } from '@bulkhead/load/load'
import { type Figures, startStatistics } from '@bulkhead/load/report/statistics'
import { fillCart } from '@bulkhead/load/shop/cart'
import { JOURNEYS } from '@bulkhead/load/shop/journeys'
import { followOrder, placeOrder } from '@bulkhead/load/shop/order'
import { browse } from '@bulkhead/load/shop/products'
import type { Shopper } from '@bulkhead/load/shop/shopper'
import { until } from '@bulkhead/testing/until'
import { localUrl, type Stack } from '../../packages/cli/src/services/stack.ts'
import { demoAccountsFile } from '../../packages/cli/src/tokens/development-keys.ts'
import { erase, misuseOrders, register } from './account-life.ts'
import type { Planted } from './planted.ts'

const LOOK = { least: 50, most: 50 }

/**
 * Plays every journey of the load with planted values. Then registers a customer, who orders, sends wrong values and is erased. Resolves with
 * the figures of the journeys.
 */
export async function playEverything(stack: Stack, planted: Planted): Promise<Figures> {
  const url = localUrl(stack.portBase)
  const accounts = await readAccounts(demoAccountsFile(join(stack.folder, 'keys')))
  const statistics = startStatistics()
  const leave = new AbortController().signal
  const shop = openShop({ url, accounts, statistics, leave, look: LOOK, person: () => planted.person })
  const journeys = await shop.journeys()
  assert.deepEqual(
    journeys.map(({ name }) => name),
    JOURNEYS.map(({ name }) => name)
  )
  await Promise.all([
    ...journeys.map(journey => playJourney(journey, shop.shopper())),
    liveAsCustomer(url, shop.shopper(), tokenKeeper(openCall(url), accounts.staff!), planted)
  ])
  return statistics.figures()
}

const openCall = (url: string): Call => openGateway({ url, statistics: startStatistics() }).call

async function liveAsCustomer(url: string, shopper: Shopper, staffToken: () => Promise<string>, planted: Planted) {
  const call = openCall(url)
  const staff = await staffToken()
  const customer = await register(call, staff, planted)
  const { line } = await fillCart(shopper, (await browse(shopper))!)
  await followOrder(shopper, await placeOrder(shopper, line, 'approved', { token: customer.token }), line)
  await followOrder(shopper, await placeOrder(shopper, line, 'declined'), line)
  await misuseOrders(call, planted, await placeOrder(shopper, line, 'approved'), line)
  const reports = await erase(call, staff, customer, planted.password)
  await until(async () => (await reports()).length >= 3)
}
