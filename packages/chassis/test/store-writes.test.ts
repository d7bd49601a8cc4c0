import assert from 'node:assert/strict'
import { writeOf } from '../src/mongo/store-writes.ts'

describe('writeOf', () => {
  const cases: [name: string | undefined, commandName: string, command: object][] = [
    ['orders.insert.placed', 'insert', { insert: 'orders', documents: [{ _id: 1, state: 'placed' }] }],
    ['journal.insert', 'insert', { insert: 'journal', documents: [{ _id: 1 }] }],
    [
      'orders.update.captured',
      'update',
      { update: 'orders', updates: [{ q: {}, u: { $set: { state: 'captured' } } }] }
    ],
    ['stock.update', 'update', { update: 'stock', updates: [{ q: {}, u: { $inc: { available: -1 } } }] }],
    ['stock.update', 'update', { update: 'stock', updates: [{ q: {}, u: [{ $set: { state: 'x' } }] }] }],
    ['failures.update', 'findAndModify', { findAndModify: 'failures', query: {}, update: { $inc: { count: 1 } } }],
    ['methods.delete', 'delete', { delete: 'methods', deletes: [{ q: {}, limit: 0 }] }],
    [undefined, 'update', { update: 'leases', updates: [{ q: {}, u: { $set: { holder: 'x' } } }] }],
    [undefined, 'delete', { delete: 'leases', deletes: [{ q: {}, limit: 1 }] }],
    [undefined, 'find', { find: 'orders', filter: {} }],
    [undefined, 'createIndexes', { createIndexes: 'orders', indexes: [] }]
  ]
  for (const [name, commandName, command] of cases)
    it(`returns ${name} for ${JSON.stringify(command)}`, () => assert.equal(writeOf(commandName, command), name))
})
