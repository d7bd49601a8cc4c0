import { idSchema, moneySchema, skuSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { states } from '../lifecycle/machine.ts'
import { countries, currencies, shippingMethods } from '../placing/rates.ts'

/** Maximum number of lines in an order. Catalog returns at most this many offers in one answer. */
const MOST_LINES = 100
/** Maximum quantity of a line, in pieces. */
const MOST_PIECES = 999

export const orderId = idSchema('ord')
const refundId = idSchema('rfd')
const productId = idSchema('prd')
const lineOfText = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an address has no control characters
    .regex(/^[^\u0000-\u001f\u007f\ud800-\udfff]*$/u, 'Must be well-formed text without control characters')

const line = z.object({
  productId,
  sku: skuSchema,
  quantity: z.int().min(1).max(MOST_PIECES)
})

const deliveryAddress = z.object({
  name: lineOfText(200).optional(),
  street: lineOfText(200).optional(),
  city: lineOfText(100).optional(),
  postalCode: lineOfText(20).optional(),
  country: z.enum(countries).meta({ description: 'ISO 3166-1 alpha-2 code of a country that the shop delivers to' })
})

/** The body of a request to place an order. Prices come from catalog; `expectedTotal` is only compared with the total. */
export const newOrder = z.object({
  lines: z.array(line).min(1).max(MOST_LINES),
  currency: z.enum(currencies),
  email: z.email().max(254),
  deliveryAddress: deliveryAddress.describe('The country is always needed, the other fields only if a line is shipped'),
  shippingMethod: z
    .enum(shippingMethods)
    .optional()
    .describe('Needed if a line is shipped, as its variant in catalog says; ignored otherwise'),
  paymentMethod: idSchema('pm').describe('ID that the payment provider returned for the card'),
  cart: idSchema('crt')
    .optional()
    .describe("The guest's cart. A newer order of the same cart cancels an unpaid one with the same SKU"),
  expectedTotal: moneySchema.optional().describe('Total that the buyer saw. 409 if the total has changed since')
})

export type NewOrder = z.infer<typeof newOrder>

const OLDER = 'Missing in orders of older releases'

const orderLine = line.extend({
  title: z.string(),
  unitPrice: moneySchema,
  total: moneySchema,
  taxable: z.boolean().optional().describe(OLDER),
  requiresShipping: z.boolean().optional().describe(OLDER),
  tax: moneySchema.optional().describe(`Included in the total of the line. ${OLDER}`)
})

const historyEntry = z.object({ state: z.enum(states), at: z.iso.datetime(), reason: z.string().optional() })

const refund = z.object({
  id: refundId,
  amount: moneySchema,
  at: z.iso.datetime(),
  reason: z.string(),
  done: z.boolean(),
  refused: z.string().optional().describe('Why the refund was refused permanently. No part of it was paid back')
})

export const order = z.object({
  id: orderId,
  version: z.int().min(1),
  customer: idSchema('cus').optional().describe('Missing in a guest’s order'),
  state: z.enum(states),
  reason: z.string().optional().describe('Why the order is in this state, such as card-declined'),
  action: z
    .object({ id: z.string(), url: z.string().optional() })
    .optional()
    .describe('While pending: the payment that the buyer has to approve at the payment provider, and where'),
  lines: z.array(orderLine),
  subtotal: moneySchema,
  shipping: z
    .object({
      method: z.enum(shippingMethods),
      price: moneySchema,
      tax: moneySchema.optional().describe(`Included in the price. ${OLDER}`)
    })
    .optional()
    .describe('Missing if no line is shipped'),
  total: moneySchema.describe('Includes shipping and tax'),
  tax: z
    .object({ rate: z.number().describe('Percent'), amount: moneySchema })
    .describe('Included in the total. The sum of the tax of all lines and of shipping'),
  email: z.string().optional().describe('Missing once the personal data is erased'),
  deliveryAddress: deliveryAddress
    .extend({ country: z.string() })
    .describe('Only the country, once the personal data is erased'),
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
      'Opens a guest’s order: send it in the header Order-Secret. Only this answer has it, also when the same request ' +
        'is sent again with the same Idempotency-Key'
    )
})

/** The answer to placing an order. */
export type PlacedOrder = z.infer<typeof placedOrder>

/** The body of a request for a refund. */
export const newRefund = z.object({
  amount: moneySchema.optional().describe('The whole remaining amount by default'),
  reason: lineOfText(200)
})
