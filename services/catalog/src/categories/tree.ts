import { Problem } from '@bulkhead/chassis/core'
import { type Category, MOST_LEVELS } from './schemas.ts'

/**
 * The place of a new category below `parent`, which `above` is where it exists; at the top without one. Throws a 422 for a
 * parent that there is not, and for one at the lowest level.
 */
export function placedBelow(parent: string | undefined, above: Category | null | undefined) {
  if (parent === undefined) return { ancestors: [] }
  const ancestors = above ? [...above.ancestors, above.id] : []
  if (above && ancestors.length < MOST_LEVELS) return { parent, ancestors }
  const detail = above ? `Is at level ${MOST_LEVELS}, the last` : 'There is no such category'
  throw new Problem(422, 'no-such-parent', 'Nothing can be below this category', {
    errors: [{ pointer: '/body/parent', detail }]
  })
}
