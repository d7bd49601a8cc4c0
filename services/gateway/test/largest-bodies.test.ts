import assert from 'node:assert/strict'
import { BODY_LIMIT } from '@bulkhead/chassis/contract'
import { contractOfService, serviceNames } from '@bulkhead/testing/contracts'

type Schema = {
  type?: string | string[]
  maxLength?: number
  maxItems?: number
  pattern?: string
  enum?: unknown[]
  const?: unknown
  examples?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
}

type Described = {
  operationId: string
  'x-body-limit'?: number
  requestBody?: { content: Record<string, { schema: Schema }> }
}

type Paths = Record<string, Record<string, Described>>

/** The operations whose limit is smaller than the sum of their fields' limits, as catalog's README says of products and families. */
const OWN_LIMITS = ['createProduct', 'replaceProduct', 'patchProduct', 'createFamily', 'replaceFamily']

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

/**
 * Returns the bytes of the longest text: the escape of a control character has six bytes. Text without a maximum length must have an
 * example, like IDs.
 */
function largestText({ maxLength, examples = [], pattern = '' }: Schema) {
  if (maxLength !== undefined) return 6 * maxLength + 2
  return examples.length > 0 ? sizeOf(examples[0]) : pattern.length + 2
}

/** Returns the bytes of the largest JSON that a schema accepts. */
function largestOf(schema: Schema): number {
  const { const: fixed, enum: values, anyOf, oneOf, type, items = {}, maxItems = Infinity, properties = {} } = schema
  if (fixed !== undefined) return sizeOf(fixed)
  if (values) return Math.max(...values.map(sizeOf))
  const choices = anyOf ?? oneOf
  if (choices) return Math.max(...choices.map(largestOf))
  if (type === 'string') return largestText(schema)
  if (type === 'array') return 2 + maxItems * (1 + largestOf(items))
  if (type === 'object') {
    const fields = Object.entries(properties).map(([name, field]) => sizeOf(name) + 2 + largestOf(field))
    return fields.reduce((sum, field) => sum + field, schema.additionalProperties ? Infinity : 2)
  }
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'null') return 17
  return Infinity
}

describe('the limit of a JSON body', () => {
  for (const service of serviceNames()) {
    const paths = contractOfService(service).provides.openapi.paths as Paths
    for (const operation of Object.values(paths).flatMap(methods => Object.values(methods))) {
      const { operationId, requestBody, 'x-body-limit': limit = BODY_LIMIT } = operation
      const schema = requestBody?.content['application/json']?.schema
      if (!schema || OWN_LIMITS.includes(operationId)) continue
      it(`fits the largest body that the schema of ${operationId} of ${service} accepts`, () => {
        const largest = largestOf(schema)
        assert.ok(largest <= limit, `It can have ${largest} bytes, and the limit is ${limit}`)
      })
    }
  }
})
