import { idSchema } from '@bulkhead/chassis/ids'

export const familyId = idSchema('fam')
