import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { balance, journalEntry } from './schemas.ts'

export const listJournal = operation({
  id: 'listJournal',
  method: 'get',
  path: '/journal',
  summary: 'List all movements of money, page by page',
  callers: ['staff'],
  query: z.object(pageQuery),
  answers: { 200: { description: 'A page', body: pageSchema(journalEntry) } }
})

/** Returns the sums of all legs. The sums of one currency add up to 0. */
export const getBalances = operation({
  id: 'getBalances',
  method: 'get',
  path: '/journal/balances',
  summary: 'Get the balance of each account',
  callers: ['staff'],
  answers: { 200: { description: 'The balances', body: z.object({ items: z.array(balance) }) } }
})

export const journalOperations = [listJournal, getBalances]
