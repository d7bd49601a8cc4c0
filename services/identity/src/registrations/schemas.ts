import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { newPassword } from '../passwords/schemas.ts'

/** A started registration. */
export const registration = z.object({ id: idSchema('reg') })

/** The content of the mail to the address. `known` is true if the address has an account. */
export const registrationMail = registration.extend({ email: z.string(), code: z.string(), known: z.boolean() })

export const confirmation = z.object({ code: z.string().max(100), password: newPassword })
