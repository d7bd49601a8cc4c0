import { type Clock, newId, orNotFound } from '@bulkhead/chassis/core'
import { operations, withETag, withETagOr304 } from '@bulkhead/chassis/http'
import { edited, type Versioned } from '@bulkhead/chassis/mongo'
import { familyChanged, familyCreated } from './events.ts'
import { createFamily, getFamily, listFamilies, replaceFamily } from './operations.ts'
import type { Family } from './schemas.ts'
import { type Families, toFamily } from './store.ts'

export function familyRoutes(families: Families, clock: Clock) {
  return operations()
    .handle(createFamily, async ({ body, context }) => {
      const family = { ...body, id: newId('fam', clock) }
      return withETag(201, toFamily(await families.insert(family, [familyCreated], context)))
    })
    .handle(getFamily, async ({ params, header }) =>
      withETagOr304(header('if-none-match'), orNotFound(await families.byId(params.id)), toFamily)
    )
    .handle(listFamilies, async ({ query: { limit, cursor } }) => {
      const page = await families.page(limit, cursor)
      return { status: 200, body: { ...page, items: page.items.map(toFamily) } }
    })
    .handle(replaceFamily, async ({ params, body, ifMatch, context }) => {
      const replace = (family: Versioned<Family>) => edited(family, { ...family, ...body }, familyChanged)
      return withETag(200, toFamily(await families.change(params.id, ifMatch, replace, context)))
    }).router
}
