type Schema = Record<string, unknown>
type Role = 'whole' | 'alternative' | 'part'

/** The role of the schemas below each keyword (JSON Schema 2020-12, section 10). Below any other keyword are values. */
const BELOW = new Map<string, Role>([
  ...inRole('whole', 'properties', 'patternProperties', 'prefixItems', 'items', 'contains', 'additionalProperties'),
  ...inRole('whole', 'unevaluatedProperties', 'unevaluatedItems'),
  ...inRole('alternative', 'anyOf', 'oneOf', '$defs'),
  ...inRole('part', 'allOf', 'if', 'then', 'else', 'dependentSchemas')
])
const MAPS = ['properties', 'patternProperties', '$defs', 'dependentSchemas']
const COMBINING = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas']

/**
 * Makes a schema refuse fields that it does not list, at any depth. Objects without a list of fields, and objects that define their
 * additional fields, stay as they are. A combination is closed as a whole: closed members would refuse each other's fields.
 */
export const closeSchema = (schema: Schema): Schema => close(schema, 'whole') as Schema

function close(schema: unknown, role: Role): unknown {
  if (!isSchema(schema)) return schema
  const result = Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, below(keyword, value)]))
  if ('additionalProperties' in schema || 'unevaluatedProperties' in schema) return result
  const combined = COMBINING.some(keyword => keyword in schema)
  if (role === 'whole' && combined && hasFields(schema)) return { ...result, unevaluatedProperties: false }
  if (role === 'whole' && !combined && 'properties' in schema) return { ...result, additionalProperties: false }
  // An alternative that takes any object still does: the whole then counts its fields as known.
  if (role === 'alternative' && !combined && !('properties' in schema)) return { ...result, additionalProperties: true }
  return result
}

function below(keyword: string, value: unknown): unknown {
  const role = BELOW.get(keyword)
  if (role === undefined) return value
  if (Array.isArray(value)) return value.map(schema => close(schema, role))
  if (!MAPS.includes(keyword) || !isSchema(value)) return close(value, role)
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, close(schema, role)]))
}

/** Whether a schema or a member of its combination lists fields. A reference counts as a list. */
function hasFields(schema: unknown): boolean {
  if (!isSchema(schema)) return false
  if ('properties' in schema || '$ref' in schema) return true
  const members = [schema.allOf, schema.anyOf, schema.oneOf, schema.then, schema.else].flat()
  return members.some(hasFields)
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function inRole(role: Role, ...keywords: string[]): [string, Role][] {
  return keywords.map(keyword => [keyword, role])
}
