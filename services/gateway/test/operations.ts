import { operation } from '@bulkhead/chassis/contract'
import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

const params = z.object({ id: z.string() })
const answers = { 200: { description: 'Done', body: z.object({ here: z.boolean() }) } }

const size = z.object({ wide: z.int(), high: z.int().optional() })
const round = z.object({ kind: z.literal('round'), radius: z.int() })
const square = z.object({ kind: z.literal('square'), side: z.int() })

export const getThing = operation({
  id: 'getThing',
  method: 'get',
  path: '/things/{id}',
  summary: 'Get a thing',
  callers: ['public'],
  params,
  query: z.object({
    limit: z.coerce.number().int().max(100).default(20),
    ids: z.string().optional(),
    sort: z.enum(['new', 'old']).optional(),
    near: idSchema('thg').optional()
  }),
  answers
})

export const putThing = operation({
  id: 'putThing',
  method: 'put',
  path: '/things/{id}',
  summary: 'Put a thing',
  callers: ['staff', 'service:orders'],
  params,
  answers,
  body: z.object({
    a: z.int(),
    size: size.nullable().optional(),
    shape: z.union([round, square]).optional(),
    attributes: z.record(z.string(), z.string()).optional(),
    any: z.unknown().optional()
  })
})

const patchThing = operation({
  id: 'patchThing',
  method: 'patch',
  path: '/things/{id}',
  summary: 'Patch a thing',
  callers: ['staff'],
  answers,
  params,
  body: z.object({ a: z.int() })
})

const deleteThing = operation({
  id: 'deleteThing',
  method: 'delete',
  path: '/things/{id}',
  summary: 'Drop a thing',
  callers: ['staff'],
  params,
  answers: { 204: { description: 'Gone', body: null } }
})

const importThings = operation({
  id: 'importThings',
  method: 'post',
  path: '/imports',
  summary: 'Import things',
  callers: ['staff'],
  answers,
  upload: { type: 'text/csv', limit: 200_000 }
})

/** This operation is for services only. */
const hold = operation({
  id: 'hold',
  method: 'post',
  path: '/holds',
  summary: 'Hold a thing',
  callers: ['service:orders'],
  answers,
  body: z.object({ secret: z.string() })
})

export const operations = [getThing, putThing, patchThing, deleteThing, importThings, hold]
