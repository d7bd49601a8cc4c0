import assert from 'node:assert/strict'
import { fateOf } from '../src/reservations/fate.ts'
import type { Reservation } from '../src/reservations/store.ts'

const at = new Date()
const hold = { id: 'hld_1', orderId: 'ord_1', take: 2, quantity: 1, at }
const cases: [Reservation['state'], take: number, holdId: string | undefined, fate: string][] = [
  ['held', 1, undefined, 'stays'],
  ['held', 2, undefined, 'stays'],
  ['held', 3, undefined, 'returns'],
  ['released', 1, undefined, 'stays'],
  ['released', 2, undefined, 'returns'],
  ['rejected', 2, undefined, 'returns'],
  ['committed', 2, 'hld_1', 'leaves'],
  ['committed', 2, 'hld_2', 'returns'],
  ['committed', 3, 'hld_2', 'returns']
]

describe('fateOf', () => {
  for (const [state, take, holdId, fate] of cases)
    it(`says that a hold of take 2 ${fate} where the reservation is ${state}, take ${take}, with ${holdId ?? 'no hold'}`, () => {
      const lines = [{ sku: 'A', quantity: 1, ...(holdId && { holdId }) }]
      const reservation = { _id: 'ord_1', schemaVersion: 1 as const, state, take, lines, createdAt: at, expiresAt: at }
      assert.equal(fateOf(hold, 'A', reservation), fate)
      if (state === 'committed') assert.equal(fateOf(hold, 'B', reservation), 'returns')
    })
})
