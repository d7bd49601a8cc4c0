import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Caller } from './caller.ts'
import { conflict, invalidInput, Problem } from './problem.ts'

/** The request that made an aggregate, kept in it: a digest of its caller and key, unique, and one of what it asked for. */
export type MadeBy = { key: string; content: string }

/** A caller's key for one creation; `of` adds what is asked for. */
export type RequestKey = { of(input: unknown): MadeBy }

/** Characters of a key at least, and of one of a caller without a name: long enough that no other guest has the same by chance. */
const [KEY_LENGTH, GUEST_KEY_LENGTH] = [8, 16]

/** The header (draft-ietf-httpapi-idempotency-key-header-07): long enough that a caller does not use one twice by chance. */
export const idempotencyKey = z
  .string()
  .regex(/^"?[\w.:+/=-]{8,200}"?$/)
  .meta({
    description:
      'Names this creation: sent again with it, it creates nothing new. People and services have keys of their own; guests share theirs ' +
      `with each other, so one of a guest has ${GUEST_KEY_LENGTH} characters at least and is made at random, such as a UUID`,
    examples: ['4f6c5d1e-9b1c-4a57-8d0e-2f3a6b7c8d9e']
  })

/**
 * The key in an `Idempotency-Key` header, undefined without one; 400 for one that is malformed, or is not there though `required`.
 * People and services share no keys with anyone. All guests share theirs, as nothing tells one from the other: 400 for a short one.
 */
export function requestKeyOf(header: string | undefined, caller: Caller, required = false): RequestKey | undefined {
  if (header === undefined && !required) return undefined
  if (header === undefined) throw refused('It is needed')
  const isGuest = caller.kind === 'anonymous'
  const least = isGuest ? GUEST_KEY_LENGTH : KEY_LENGTH
  const name = idempotencyKey.safeParse(header).data?.replaceAll('"', '') ?? ''
  if (name.length < least) {
    const why = isGuest ? '; all guests share their keys, so make it at random' : ''
    throw refused(`Must be ${least} to 200 letters, digits or any of _ . : + / = -${why}`)
  }
  const key = digest([caller, name])
  return { of: input => ({ key, content: digest(input) }) }
}

const refused = (detail: string) => invalidInput([{ pointer: '/headers/idempotency-key', detail }])

/** Throws a 422 where a key that was used for something else comes again. */
export function checkSameRequest(first: MadeBy, again: MadeBy) {
  if (first.content === again.content) return
  throw keyReused()
}

/** 422: a key asks for something else than before. */
export const keyReused = () =>
  new Problem(422, 'idempotency-key-reused', 'The Idempotency-Key was used for another request')

/** 409: a key asks for what it made and what is gone by now. */
export const madeAndRemoved = () => conflict('made-and-removed', 'What the request made was removed since')

/** What the first request with a key made, as `read` finds it by now; 422 where that asked for something else, 409 where it was removed since. */
export async function madeEarlier<T>(first: MadeBy, again: MadeBy, read: () => Promise<T | null>): Promise<T> {
  checkSameRequest(first, again)
  const made = await read()
  if (!made) throw madeAndRemoved()
  return made
}

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')
