import * as z from 'zod'

export type JSONSchema = z.core.JSONSchema.BaseSchema

/** The keyword for the service's error message about text that does not match the schema's pattern. */
export const MESSAGE = 'x-pattern-message'

/** The JSON Schemas (2020-12) of one OpenAPI document. */
export type SchemaCollection = {
  /** Converts the input or the output of a zod schema. Named schemas in it become references to `named`. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): JSONSchema
  /** Every schema with `.meta({ id })`, by name, for `#/components/schemas`. */
  named: Record<string, JSONSchema>
}

/**
 * Creates an empty collection for one document. The schema of an object in the input is named `<id>Input`, because it allows unknown fields
 * and missing defaults; the schema of an object in the output is named `<id>`.
 */
export function schemaCollection(): SchemaCollection {
  const named: Record<string, JSONSchema> = {}
  return {
    named,
    schemaOf(schema, io) {
      // zod writes the outermost schema in place. Inside an array, a named schema becomes a reference too.
      const { items, $defs = {} } = z.toJSONSchema(z.array(schema), { io, override: addMessages })
      const nameOf = (id: string) => (io === 'input' && $defs[id]!.type === 'object' ? `${id}Input` : id)
      for (const [id, definition] of Object.entries($defs))
        named[nameOf(id)] ??= withComponentReferences(definition, nameOf) as JSONSchema
      return withComponentReferences(items, nameOf) as JSONSchema
    }
  }
}

const DEFINITION = '#/$defs/'

/** Copies a schema and turns references to definitions into references to components. */
function withComponentReferences(value: unknown, nameOf: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map(item => withComponentReferences(item, nameOf))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => {
      const isReference = key === '$ref' && typeof below === 'string' && below.startsWith(DEFINITION)
      if (!isReference) return [key, withComponentReferences(below, nameOf)]
      return [key, `#/components/schemas/${nameOf(below.slice(DEFINITION.length))}`]
    })
  )
}

/**
 * Adds the service's error message to each pattern, as `x-pattern-message`, so that a client that validates by the document can show the
 * same message. Adds examples to times and to text with a pattern, because generated examples are unreadable.
 */
function addMessages({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JSONSchema }) {
  if (jsonSchema.format === 'date-time') jsonSchema.examples ??= ['2026-11-27T09:30:00.000Z']
  if (!(zodSchema instanceof z.ZodString)) return
  const messages = new Map((zodSchema.def.checks ?? []).flatMap(({ _zod: { def } }) => messageOf(def)))
  const parts = [jsonSchema, ...(jsonSchema.allOf ?? [])] as JSONSchema[]
  for (const part of parts) {
    const message = messages.get(part.pattern ?? '')
    if (message !== undefined) part[MESSAGE] = message
  }
  const isExample = messages.size > 0 && !jsonSchema.examples && zodSchema.safeParse('text').success
  if (isExample) jsonSchema.examples = ['text']
}

/** Returns the pattern of a check with its error message; an empty list for any other check. */
function messageOf(check: z.core.$ZodCheckDef): [string, string][] {
  const { pattern, error } = check as { pattern?: RegExp; error?: (issue: object) => unknown }
  const message = error?.({})
  return pattern && typeof message === 'string' ? [[pattern.source, message]] : []
}
