import { parse as parseJson } from 'secure-json-parse'
import type * as z from 'zod'
import { type InvalidPlace, invalidInput } from '../core/index.ts'
import { duplicateKey } from './duplicate-keys.ts'

/**
 * Reads one part of a request by its schema. Throws a 400 that names every wrong place, as JSON pointers below `/<part>`.
 * Fields that the schema does not name are left out: a newer caller must not break an older callee.
 */
export function readInput<S extends z.ZodType>(
  schema: S,
  part: 'params' | 'query' | 'body',
  value: unknown
): z.infer<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidInput(result.error.issues.map(issue => placeOf(part, issue)))
}

/** How many fields of `value`, at any depth, are not in what its schema made of it. */
export function unknownFields(value: unknown, read: unknown): number {
  if (typeof value !== 'object' || value === null || typeof read !== 'object' || read === null) return 0
  let count = 0
  for (const [name, field] of Object.entries(value))
    count += Object.hasOwn(read, name) ? unknownFields(field, Reflect.get(read, name)) : 1
  return count
}

const placeOf = (part: string, { path, message }: { path: PropertyKey[]; message: string }): InvalidPlace => ({
  pointer: pointerTo(part, path),
  detail: message
})

const pointerTo = (part: string, path: PropertyKey[]) => ['', part, ...path.map(escapePointer)].join('/')

/** A name as a part of a JSON pointer (RFC 6901, section 3). */
export const escapePointer = (name: PropertyKey) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses a JSON body. Throws a 400 for none, for text that is not JSON, for keys that would reach an object's prototype, and for a key given twice. */
export function readJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw invalidInput([{ pointer: '/body', detail: 'A body is needed' }])
  const text = textOf(bytes)
  const value = parsed(text)
  const place = duplicateKey(text)
  if (place) throw invalidInput([{ pointer: pointerTo('body', place), detail: 'The key is given twice' }])
  return value
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalidInput([{ pointer: '/body', detail: 'It is not UTF-8' }])
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw invalidInput([
      { pointer: '/body', detail: `It is not JSON we accept: ${(error as Error).message.slice(0, 200)}` }
    ])
  }
}
