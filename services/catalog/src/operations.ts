import { categoryOperations } from './categories/operations.ts'
import { familyOperations } from './families/operations.ts'
import { importOperations } from './imports/operations.ts'
import { productOperations } from './products/operations.ts'

export const allOperations = [...productOperations, ...familyOperations, ...categoryOperations, ...importOperations]
