import * as z from 'zod'

export type JSONSchema = z.core.JSONSchema.BaseSchema

/** The keyword for the words in which the service refuses text that does not match the schema's pattern. */
export const MESSAGE = 'x-pattern-message'

/** The JSON Schemas (2020-12) of one OpenAPI document. */
export type SchemaCollection = {
  /** The schema of what a zod schema takes (`input`) or gives (`output`). Named schemas in it are references to `named`. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): JSONSchema
  /** By name, for `#/components/schemas`: every schema with `.meta({ id })`, written once. */
  named: Record<string, JSONSchema>
}

/**
 * Collects the schemas of a document. An object that is taken is named `<id>Input`: it may have unknown fields, and defaults may be left
 * out of it. One that is given is named by its `id` alone.
 */
export function schemaCollection(): SchemaCollection {
  const named: Record<string, JSONSchema> = {}
  return {
    named,
    schemaOf(schema, io) {
      // An array around the schema makes a schema with a name of its own a reference too.
      const { items, $defs = {} } = z.toJSONSchema(z.array(schema), { io, override: addMessages })
      const nameOf = (id: string) => (io === 'input' && $defs[id]!.type === 'object' ? `${id}Input` : id)
      for (const [id, definition] of Object.entries($defs))
        named[nameOf(id)] ??= refer(definition, nameOf) as JSONSchema
      return refer(items, nameOf) as JSONSchema
    }
  }
}

const DEFINITION = '#/$defs/'

/** A copy in which references to definitions are references to components. */
function refer(value: unknown, nameOf: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map(item => refer(item, nameOf))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => {
      const isReference = key === '$ref' && typeof below === 'string' && below.startsWith(DEFINITION)
      if (!isReference) return [key, refer(below, nameOf)]
      return [key, `#/components/schemas/${nameOf(below.slice(DEFINITION.length))}`]
    })
  )
}

/**
 * Gives each pattern the words in which the service refuses what does not match, as `x-pattern-message`, so that a client that checks by
 * the document can say the same. Gives times and text with a pattern an example, as generators make unreadable ones.
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

/** A pattern and what is said of text that does not match it; nothing for a check of another kind. */
function messageOf(check: z.core.$ZodCheckDef): [string, string][] {
  const { pattern, error } = check as { pattern?: RegExp; error?: (issue: object) => unknown }
  const message = error?.({})
  return pattern && typeof message === 'string' ? [[pattern.source, message]] : []
}
