import { parse as parseJson } from 'secure-json-parse'
import type * as z from 'zod'
import { type Caller, invalidInput } from '../core/index.ts'
import { duplicateKey } from './duplicate-keys.ts'
import { strictSchema } from './strict-schema.ts'
import { countUnknown, describeIssue, pointerTo, wrongPlaces } from './wrong-places.ts'

type Part = 'params' | 'query' | 'body'

/** A part of a request as its schema parsed it, and the number of its unknown fields, which were left out. */
type Input<T> = { value: T; unknownFields: number }

/** Reads a part of a request. Throws a 400 that names every wrong place, as JSON pointers below `/<part>`. */
export type InputReader<T> = (value: unknown, caller: Caller) => Input<T>

const OPTIONS = { error: describeIssue }

/**
 * Creates the reader of one part of an operation's requests. People and guests get a 400 for a field that the schema does not know, so that
 * a misspelt field is not ignored unnoticed. A service's unknown fields are left out, so that a newer caller can be deployed before its
 * target.
 */
export function inputReader<S extends z.ZodType>(part: Part, schema: S): InputReader<z.infer<S>> {
  const strict = strictSchema(schema)
  return (value, caller) => {
    const { data, error } = strict.safeParse(value, OPTIONS)
    if (!error) return { value: data, unknownFields: 0 }
    if (caller.kind !== 'service') throw invalidInput(wrongPlaces(part, error.issues))
    return { value: readInput(schema, part, value), unknownFields: countUnknown(error.issues) }
  }
}

/** Reads a value by its schema and leaves unknown fields out. Throws a 400 that names every wrong place below `/<part>`. */
export function readInput<S extends z.ZodType>(schema: S, part: Part, value: unknown): z.infer<S> {
  const { data, error } = schema.safeParse(value, OPTIONS)
  if (error) throw invalidInput(wrongPlaces(part, error.issues))
  return data
}

/** Throws a 400 for a known parameter that is given twice, because clients differ in which of the two values they mean. */
export function refuseRepeated(query: Record<string, unknown>, known: z.ZodObject) {
  const repeated = Object.keys(known.shape).filter(name => Array.isArray(query[name]))
  if (repeated.length === 0) return
  throw invalidInput(repeated.map(name => ({ pointer: pointerTo('query', [name]), detail: 'It is given twice' })))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses a JSON body. Throws a 400 for an empty body and for text that is not JSON. Throws a 400 for a key that could change an object's
 * prototype or is given twice.
 */
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
