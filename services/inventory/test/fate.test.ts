import assert from 'node:assert/strict'
import { type Fate, fateOf } from '../src/reservations/fate.ts'
import type { Reservation } from '../src/reservations/store.ts'

type Case = { state: Reservation['state']; take: number; holdId?: string; fate: Fate }

const at = new Date()
const hold = { id: 'hld_1', orderId: 'ord_1', take: 2, quantity: 1, at }
const cases: Case[] = [
  { state: 'held', take: 1, fate: 'stays' },
  { state: 'held', take: 2, fate: 'stays' },
  { state: 'held', take: 3, fate: 'returns' },
  { state: 'released', take: 1, fate: 'stays' },
  { state: 'released', take: 2, fate: 'returns' },
  { state: 'rejected', take: 2, fate: 'returns' },
  { state: 'committed', take: 2, holdId: 'hld_1', fate: 'leaves' },
  { state: 'committed', take: 2, holdId: 'hld_2', fate: 'returns' },
  { state: 'committed', take: 3, holdId: 'hld_2', fate: 'returns' }
]

describe('the fate of a hold', () => {
  for (const { state, take, holdId, fate } of cases)
    it(`is "${fate}" for a hold of take 2 if the reservation is ${state} with take ${take} and names ${holdId ?? 'no hold'}`, () => {
      const reservation: Reservation = {
        _id: 'ord_1',
        schemaVersion: 1,
        state,
        take,
        lines: [{ sku: 'A', quantity: 1, holdId }],
        createdAt: at,
        expiresAt: at
      }
      assert.equal(fateOf(hold, 'A', reservation), fate)
      if (state === 'committed') assert.equal(fateOf(hold, 'B', reservation), 'returns')
    })
})
