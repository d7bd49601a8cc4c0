import * as z from 'zod'

export type JSONSchema = z.core.JSONSchema.BaseSchema

/** Where a schema has the words in which the service refuses what does not match its pattern. */
export const MESSAGE = 'x-pattern-message'

/** The JSON Schema (2020-12) of what a zod schema takes, or gives. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', override: addVoice })
  return rest
}

/**
 * Gives each pattern the words in which the service refuses what does not match, as `x-pattern-message`: those who check by the
 * document can say the same. Gives text with a pattern, and times, an example, or readers are shown what a generator makes of the pattern.
 */
function addVoice({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JSONSchema }) {
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
