import { pageOf } from '@bulkhead/chassis/aggregate-pages'
import type { Versioned } from '@bulkhead/chassis/aggregates'
import { edited } from '@bulkhead/chassis/aggregates'
import { shown, shownUnlessKnown } from '@bulkhead/chassis/answers'
import type { Clock } from '@bulkhead/chassis/clock'
import { newId } from '@bulkhead/chassis/ids'
import { found } from '@bulkhead/chassis/problem'
import { operations } from '@bulkhead/chassis/routes'
import { refuseTaken } from '@bulkhead/chassis/unique-keys'
import { familyChanged, familyCreated } from '../events.ts'
import type { Families } from '../store.ts'
import { familyKeys } from '../taken-problems.ts'
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
    .handle(replaceFamily, async ({ params, body, ifMatch, context }) => {
      const replace = (family: Versioned<Family>) => edited(family, { ...family, ...body }, familyChanged)
      return shown(200, await families.change(params.id, ifMatch, replace, context).catch(refuseTaken(familyKeys)))
    }).router
}
