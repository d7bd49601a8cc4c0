/** The parts of JSON Schema that `sampleOf` uses. */
export type JsonSchema = {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  default?: unknown
  examples?: unknown[]
  minLength?: number
  maxLength?: number
  minimum?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
}

/** Returns a valid value of a schema that differs from its default. Objects have all their fields; lists have one item. */
export function sampleOf(schema: JsonSchema): unknown {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return sampleOf(choices.find(({ type }) => type !== 'null')!)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum.findLast(value => value !== schema.default)
  switch (schema.type) {
    case 'boolean':
      return !schema.default
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, 0) + 7
    case 'array':
      return [sampleOf(schema.items!)]
    case 'object':
      return objectOf(schema)
    default:
      return schema.examples?.[0] ?? 'text'.padEnd(schema.minLength ?? 0, 'x').slice(0, schema.maxLength)
  }
}

function objectOf({ properties, additionalProperties }: JsonSchema) {
  if (properties) return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, sampleOf(field)]))
  return typeof additionalProperties === 'object' ? { text: sampleOf(additionalProperties) } : {}
}
