import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { EventType } from './events.ts'
import type { Need, Needs } from './needs.ts'
import { openApi } from './openapi.ts'
import type { Operation } from './operation.ts'

type Provided = {
  service: string
  version: string
  summary: string
  operations: Operation[]
  events: EventType[]
  /** What it asks of others, by target. */
  needs?: Needs[]
  /** The types of the events that it handles. */
  handles?: string[]
}

/** What a service provides and needs, as contract.json. `digest` is the address of its content. */
export function contractOf({ events, needs = [], handles = [], ...api }: Provided) {
  const content = {
    owner: { service: api.service, version: api.version },
    provides: {
      openapi: openApi(api),
      events: events.map(({ type, summary, data }) => ({ type, summary, data: z.toJSONSchema(data) }))
    },
    needs: Object.fromEntries(
      needs.map(({ target, operations }) => [target, Object.values(operations).map(describeNeed)])
    ),
    handles
  }
  return { digest: `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`, ...content }
}

/** How an operation is asked, and the fields that are read of its answer. */
function describeNeed({ operation, method, path, params, query, body, reads }: Need) {
  const sent = Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema ? [[part, z.toJSONSchema(schema, { io: 'output' })]] : []
  )
  return { operation, method, path, sends: Object.fromEntries(sent), reads: z.toJSONSchema(reads, { io: 'input' }) }
}
