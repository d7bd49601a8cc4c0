import { productOperations } from './product-operations.ts'

export const allOperations = [...productOperations]
