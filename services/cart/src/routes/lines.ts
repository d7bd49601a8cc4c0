import { etagOf } from '@bulkhead/chassis/contract'
import { operations } from '@bulkhead/chassis/http'
import { ownerOf } from '../customer.ts'
import { addToLine, removeLine, setLine } from '../operations.ts'
import type { Line } from '../schemas.ts'
import type { Carts } from '../store.ts'

export function lineRoutes({ carts }: { carts: Carts }) {
  return operations()
    .handle(addToLine, async ({ params, body, requestKey, context }) =>
      changed(await carts.add(params.id, ownerOf(context.caller), body, requestKey?.of(body)))
    )
    .handle(setLine, async ({ params: { id, ...place }, body, ifMatch, context }) => {
      return changed(await carts.set(id, ownerOf(context.caller), ifMatch, { ...place, ...body }))
    })
    .handle(removeLine, async ({ params: { id, ...place }, ifMatch, context }) => {
      const version = await carts.remove(id, ownerOf(context.caller), ifMatch, place)
      return { status: 204, headers: { ETag: etagOf(version) } }
    }).router
}

const changed = ({ version, line }: { version: number; line: Line }) => ({
  status: 200 as const,
  body: line,
  headers: { ETag: etagOf(version) }
})
