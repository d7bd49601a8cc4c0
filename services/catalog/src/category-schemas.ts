import { idSchema } from '@bulkhead/chassis/ids'

export const categoryId = idSchema('cat')
