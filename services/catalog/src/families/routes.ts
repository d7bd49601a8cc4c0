import type { Versioned } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import { expectedVersion } from '@bulkhead/chassis/etag'
import { newId } from '@bulkhead/chassis/ids'
import { found } from '@bulkhead/chassis/problem'
import { operations } from '@bulkhead/chassis/routes'
import { shown, shownUnlessKnown } from '../answers.ts'
import { edited } from '../edited.ts'
import { familyChanged, familyCreated } from '../events.ts'
import { pageOf } from '../paging.ts'
import type { Families } from '../store.ts'
import { familyKeys, refuseTaken } from '../taken.ts'
import { createFamily, getFamily, listFamilies, replaceFamily } from './operations.ts'
import type { Family } from './schemas.ts'

type Deps = { families: Families; clock: Clock }

export function familyRoutes({ families, clock }: Deps) {
  return operations()
    .handle(createFamily, async ({ body, context }) => {
      const family = { ...body, id: newId('fam', clock) }
      return shown(201, await families.insert(family, [familyCreated], context).catch(refuseTaken(familyKeys)))
    })
    .handle(getFamily, async ({ params, header }) =>
      shownUnlessKnown(header('if-none-match'), found(await families.byId(params.id)), family => family)
    )
    .handle(listFamilies, async ({ query: { limit, cursor } }) => {
      const sort = { field: '_id', direction: 1 as const }
      return { status: 200, body: await pageOf(families, { filter: {}, sort, limit, cursor, scope: 'families' }) }
    })
    .handle(replaceFamily, async ({ params, body, header, context }) => {
      const expected = expectedVersion(header('if-match'))
      const replace = (family: Versioned<Family>) => edited(family, { ...family, ...body }, familyChanged)
      return shown(200, await families.change(params.id, expected, replace, context).catch(refuseTaken(familyKeys)))
    }).router
}
