import type { InvalidPlace } from '@bulkhead/chassis/core'
import { escapePointer } from '@bulkhead/chassis/http'
import type { Family, FamilyAttribute } from '../families/schemas.ts'

/**
 * Where a product's attributes are not of the type that its family says, by pointers into the product. Attributes that the
 * family does not name are free text.
 */
export function wrongAttributes(attributes: Record<string, string>, family: Family): InvalidPlace[] {
  const values = new Map(Object.entries(attributes))
  return family.attributes.flatMap(attribute => {
    const value = values.get(attribute.name)
    const wrong = value === undefined ? undefined : wrongIn(value, attribute)
    return wrong ? [{ pointer: `/attributes/${escapePointer(attribute.name)}`, detail: wrong }] : []
  })
}

/** Numbers are decimals as JSON has them, without exponent. */
function wrongIn(value: string, attribute: FamilyAttribute): string | undefined {
  switch (attribute.type) {
    case 'text':
      return undefined
    case 'number':
      return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value) ? undefined : 'Must be a decimal number'
    case 'boolean':
      return value === 'true' || value === 'false' ? undefined : 'Must be true or false'
    case 'choice':
      return attribute.choices.includes(value)
        ? undefined
        : `Must be one of: ${attribute.choices.slice(0, 20).join(', ')}`
  }
}
