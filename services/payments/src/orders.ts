import { type Client, client } from '@bulkhead/chassis/client'
import { ordersNeeds } from './needs.ts'

export type Orders = Client<typeof ordersNeeds.operations>

/** Milliseconds of one attempt to ask what an order costs. */
const ATTEMPT_MS = 1_000

export const connectOrders = (options: Omit<Parameters<typeof client>[1], 'limits'>): Orders =>
  client(ordersNeeds, { ...options, limits: { timeout: ATTEMPT_MS } })
