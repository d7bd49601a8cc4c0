import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { states } from '../lifecycle/machine.ts'
import { countries, currencies, shippingMethods } from '../placing/rates.ts'
import { MOST_LINES, MOST_PIECES } from './limits.ts'

export const orderId = idSchema('ord')
const refundId = idSchema('rfd')
const productId = idSchema('prd')
const text = (most: number) => z.string().trim().min(1).max(most)
const words = (most: number) =>
  text(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no address has
    .regex(/^[^\u0000-\u001f\u007f\ud800-\udfff]*$/u, 'Must be well-formed text without control characters')

const line = z.object({
  productId,
  // As catalog and inventory have them: what one of them refuses would be tried until the order expires.
  sku: text(255)
    .regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')
    .regex(/^(?!\.{1,2}$)/, "Can't be dots alone"),
  quantity: z.int().min(1).max(MOST_PIECES)
})

const deliveryAddress = z.object({
  name: words(200).optional(),
  street: words(200).optional(),
  city: words(100).optional(),
  postalCode: words(20).optional(),
  country: z.enum(countries).meta({ description: 'Of ISO 3166-1 alpha-2, one that is delivered to' })
})

/** What is asked for. Prices are catalog's; `expectedTotal` only says what the buyer was shown. */
export const newOrder = z.object({
  lines: z.array(line).min(1).max(MOST_LINES),
  currency: z.enum(currencies),
  email: z.email().max(254),
  deliveryAddress: deliveryAddress.describe('The country is always needed, the rest if something is shipped'),
  shippingMethod: z
    .enum(shippingMethods)
    .optional()
    .describe('Needed if something is shipped, which the variants in catalog say; else it has no effect'),
  paymentMethod: idSchema('pm').describe('What the payment provider gave for the card'),
  cart: idSchema('crt')
    .optional()
    .describe("The guest's cart: an unpaid order of the same cart gives way to a newer one with the same SKU"),
  expectedTotal: moneySchema.optional().describe('What the buyer was shown; 409 where it is another now')
})

export type NewOrder = z.infer<typeof newOrder>

const OLDER = 'Missing in orders of releases that did not record it'

const orderLine = line.extend({
  title: z.string(),
  unitPrice: moneySchema,
  total: moneySchema,
  taxable: z.boolean().optional().describe(OLDER),
  requiresShipping: z.boolean().optional().describe(OLDER),
  tax: moneySchema.optional().describe(`In the total of the line. ${OLDER}`)
})

const historyEntry = z.object({ state: z.enum(states), at: z.iso.datetime(), reason: z.string().optional() })

const refund = z.object({
  id: refundId,
  amount: moneySchema,
  at: z.iso.datetime(),
  reason: z.string(),
  done: z.boolean(),
  refused: z.string().optional().describe('Why it was refused for good: nothing of it was paid back')
})

export const order = z.object({
  id: orderId,
  version: z.int().min(1),
  customer: idSchema('cus').optional().describe('Without one it is a guest’s'),
  state: z.enum(states),
  reason: z.string().optional().describe('Why it is in this state, such as card-declined'),
  action: z
    .object({ id: z.string(), url: z.string().optional() })
    .optional()
    .describe('While pending: what the buyer has to approve at the payment provider, and where'),
  lines: z.array(orderLine),
  subtotal: moneySchema,
  shipping: z
    .object({
      method: z.enum(shippingMethods),
      price: moneySchema,
      tax: moneySchema.optional().describe(`In the price. ${OLDER}`)
    })
    .optional()
    .describe('Missing if nothing is shipped'),
  total: moneySchema.describe('With shipping and tax'),
  tax: z
    .object({ rate: z.number().describe('In percent'), amount: moneySchema })
    .describe('In the total: the sum of the tax of lines and shipping'),
  email: z.string().optional().describe('Until the personal data is erased'),
  deliveryAddress: deliveryAddress
    .extend({ country: z.string() })
    .describe('Of an order whose personal data is erased, the country'),
  history: z.array(historyEntry),
  refunds: z.array(refund),
  placedAt: z.iso.datetime()
})

/** An order as the API shows it. */
export type Order = z.infer<typeof order>

export const placedOrder = order.extend({
  secret: z
    .string()
    .optional()
    .describe(
      'Of a guest’s order: what opens it, to be sent in the header Order-Secret. Only this answer shows it, also when the same request ' +
        'comes again with the same Idempotency-Key'
    )
})

/** An order as it is shown to whoever placed it. */
export type PlacedOrder = z.infer<typeof placedOrder>

export const newRefund = z.object({
  amount: moneySchema.optional().describe('All that is left, where it is not said'),
  reason: words(200)
})
