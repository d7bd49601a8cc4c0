import { categoryOperations } from './category-operations.ts'
import { familyOperations } from './family-operations.ts'
import { importOperations } from './import-operations.ts'
import { productOperations } from './product-operations.ts'

export const allOperations = [...productOperations, ...familyOperations, ...categoryOperations, ...importOperations]
