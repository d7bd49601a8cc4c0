import type { UniqueKeys } from '@bulkhead/chassis/mongo'

/** What no two products share. */
export const productKeys: UniqueKeys = {
  handle: { type: 'handle-taken', title: 'Another product has this handle', pointer: '/body/handle' },
  skus: { type: 'sku-taken', title: 'Another product has one of these SKUs', pointer: '/body/variants' }
}

export const familyKeys: UniqueKeys = {
  name: { type: 'name-taken', title: 'Another family has this name', pointer: '/body/name' }
}

/** A name is unique below its parent. */
export const categoryKeys: UniqueKeys = {
  parent: { type: 'name-taken', title: 'Another category there has this name', pointer: '/body/name' }
}
