import assert from 'node:assert/strict'
import type { TestInventory } from './helper.ts'

type StoredStock = {
  _id: string
  available: number
  onHand: number
  holds: { quantity: number }[]
  last: NumberedChange
}
type NumberedChange = { number: number; change: number }
type StoredReservation = { _id: string; state: string; lines: { sku: string; quantity: number }[] }
type StoredAdjustment = NumberedChange & { _id: string; sku: string }

/**
 * Asserts that the books of some SKUs agree, without the code of the service:
 * - No number is below zero.
 * - The pieces on hand are the sum of the available and the held pieces.
 * - The pieces on hand are the sum of all adjustments minus all committed reservations.
 * - The held pieces are the sum of all held reservations.
 */
export async function checkBooks({ db }: Pick<TestInventory, 'db'>, skus: string[]) {
  const reservations = await db
    .collection<StoredReservation>('reservations')
    .find({ 'lines.0': { $exists: true } })
    .toArray()
  for (const sku of skus) {
    const stock = await db.collection<StoredStock>('stock').findOne({ _id: sku })
    const held = reservedOf(reservations, sku, 'held')
    const committed = reservedOf(reservations, sku, 'committed')
    if (!stock) {
      assert.deepEqual({ held, committed }, { held: 0, committed: 0 }, sku)
      continue
    }
    const older = await db
      .collection<StoredAdjustment>('adjustments')
      .find({ sku, number: { $lt: stock.last.number } })
      .sort({ number: 1 })
      .toArray()
    checkStock(stock, { held, committed, adjustments: [...older, stock.last] })
  }
}

type Records = { held: number; committed: number; adjustments: NumberedChange[] }

function checkStock({ _id: sku, available, onHand, holds }: StoredStock, { held, committed, adjustments }: Records) {
  assert.ok(available >= 0 && onHand >= 0, `${sku} is below zero`)
  const inHolds = sumOf(holds.map(({ quantity }) => quantity))
  assert.equal(onHand, available + inHolds, `${sku}: on hand`)
  assert.equal(inHolds, held, `${sku}: held`)
  const numbers = adjustments.map(({ number }) => number)
  assert.deepEqual(
    numbers,
    numbers.map((_, place) => place + 1),
    `${sku}: numbers of the history`
  )
  const adjusted = sumOf(adjustments.map(({ change }) => change))
  assert.equal(onHand, adjusted - committed, `${sku}: sum of the history`)
}

function reservedOf(reservations: StoredReservation[], sku: string, state: string) {
  const lines = reservations.filter(reservation => reservation.state === state).flatMap(({ lines }) => lines)
  return sumOf(lines.filter(line => line.sku === sku).map(({ quantity }) => quantity))
}

const sumOf = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0)
