import { categoryOperations } from './categories/operations.ts'
import { familyOperations } from './families/operations.ts'
import { importOperations } from './imports/operations.ts'
import { offerOperations } from './offers/operations.ts'
import { productOperations } from './products/operations.ts'

export const allOperations = [
  ...productOperations,
  ...offerOperations,
  ...familyOperations,
  ...categoryOperations,
  ...importOperations
]
