import { Problem } from '@bulkhead/chassis/core'
import { type Category, MOST_LEVELS } from './schemas.ts'

/**
 * Places a new category below its parent, or at the top if `parentId` is undefined. `parent` is the category with that ID, if it
 * exists. Throws a 422 if it does not exist or is at the last level.
 */
export function placeBelow(parentId: string | undefined, parent: Category | null | undefined) {
  if (parentId === undefined) return { ancestors: [] }
  const ancestors = parent ? [...parent.ancestors, parent.id] : []
  if (parent && ancestors.length < MOST_LEVELS) return { parent: parentId, ancestors }
  const detail = parent ? `Is at level ${MOST_LEVELS}, the last` : 'There is no such category'
  throw new Problem(422, 'no-such-parent', 'Nothing can be below this category', {
    errors: [{ pointer: '/body/parent', detail }]
  })
}
