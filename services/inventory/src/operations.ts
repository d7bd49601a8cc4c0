import { reservationOperations } from './reservations/operations.ts'
import { stockOperations } from './stock/operations.ts'

export const allOperations = [...stockOperations, ...reservationOperations]
