import { operation, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { category, categoryId, categoryName, categoryQuery, MOST_LEVELS, newCategory } from './schemas.ts'

const params = z.object({ id: categoryId })

/**
 * Creates a category. Returns 409 if another category below the same parent has the name. Returns 422 if the parent does not exist or is at
 * the last level.
 */
export const createCategory = operation({
  id: 'createCategory',
  method: 'post',
  path: '/categories',
  summary: `Create a category, below another or at the top; at most ${MOST_LEVELS} levels`,
  callers: ['staff'],
  body: newCategory,
  answers: { 201: { description: 'The category', body: category } }
})

export const getCategory = operation({
  id: 'getCategory',
  method: 'get',
  path: '/categories/{id}',
  summary: 'Get a category',
  callers: ['public'],
  params,
  answers: { 200: { description: 'The category', body: category }, 304: { description: 'Not modified', body: null } }
})

/** Lists categories in the order of names. */
export const listCategories = operation({
  id: 'listCategories',
  method: 'get',
  path: '/categories',
  summary: 'List categories by IDs, all categories, those below `parent`, or those at the top (`parent=none`)',
  callers: ['public'],
  query: categoryQuery,
  answers: { 200: { description: 'A page', body: pageSchema(category) } }
})

/** Renames a category. Needs `If-Match`. Returns 409 if another category below the same parent has the name. */
export const renameCategory = operation({
  id: 'renameCategory',
  method: 'put',
  path: '/categories/{id}',
  summary: 'Rename a category',
  callers: ['staff'],
  params,
  body: categoryName,
  guarded: true,
  answers: { 200: { description: 'The category', body: category } }
})

export const categoryOperations = [createCategory, getCategory, listCategories, renameCategory]
