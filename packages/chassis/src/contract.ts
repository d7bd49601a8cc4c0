import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { EventType } from './events.ts'
import { openApi } from './openapi.ts'
import type { Operation } from './operation.ts'

type Provided = { service: string; version: string; summary: string; operations: Operation[]; events: EventType[] }

/** What a service provides and needs, as contract.json. `digest` is the address of its content. */
export function contractOf({ events, ...api }: Provided) {
  const content = {
    owner: { service: api.service, version: api.version },
    provides: {
      openapi: openApi(api),
      events: events.map(({ type, summary, data }) => ({ type, summary, data: z.toJSONSchema(data) }))
    },
    needs: {}
  }
  return { digest: `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`, ...content }
}
