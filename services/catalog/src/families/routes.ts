import { type Clock, found, newId } from '@bulkhead/chassis/core'
import { fieldsOf, operations, shown, shownUnlessKnown } from '@bulkhead/chassis/http'
import { edited, pageOf, refuseTaken, type Versioned } from '@bulkhead/chassis/mongo'
import { familyChanged, familyCreated } from '../events.ts'
import { pageBudget } from '../page-budget.ts'
import type { Families } from '../store.ts'
import { familyKeys } from '../taken-problems.ts'
import { createFamily, getFamily, listFamilies, replaceFamily } from './operations.ts'
import { type Family, family } from './schemas.ts'

type Deps = { families: Families; clock: Clock }

const ofFamily = fieldsOf(family)
const budget = pageBudget(ofFamily)

export function familyRoutes({ families, clock }: Deps) {
  return operations()
    .handle(createFamily, async ({ body, context }) => {
      const inserting = families.insert({ ...body, id: newId('fam', clock) }, [familyCreated], context)
      return shown(201, ofFamily(await inserting.catch(refuseTaken(familyKeys))))
    })
    .handle(getFamily, async ({ params, header }) =>
      shownUnlessKnown(header('if-none-match'), found(await families.byId(params.id)), ofFamily)
    )
    .handle(listFamilies, async ({ query: { limit, cursor } }) => {
      const sort = { field: '_id', direction: 1 as const }
      const page = await pageOf(families, { filter: {}, sort, limit, cursor, scope: 'families', budget })
      return { status: 200, body: { ...page, items: page.items.map(ofFamily) } }
    })
    .handle(replaceFamily, async ({ params, body, ifMatch, context }) => {
      const replace = (family: Versioned<Family>) => edited(family, { ...family, ...body }, familyChanged)
      const replacing = families.change(params.id, ifMatch, replace, context)
      return shown(200, ofFamily(await replacing.catch(refuseTaken(familyKeys))))
    }).router
}
