import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

/** The parts of a request other than its method and path. */
export type RequestParts = {
  token?: string | undefined
  body?: object | undefined
  headers?: Record<string, string> | undefined
}

type AskOptions = RequestParts & {
  /** The demo person whose token is sent. By default, the request has `token`, or no token. */
  as?: 'customer' | 'staff'
}

/** An answer of the gateway, with the parsed body if it is JSON. `etag` is '' for an answer without one. */
// biome-ignore lint/suspicious/noExplicitAny: steps check the fields that they need
export type Answered = { body: any; etag: string; contentType: string }

/** Sends a request to a path of the gateway. Rejects with the answer if its status is not an expected one. */
export type Ask = (expected: number | number[], method: string, path: string, options?: AskOptions) => Promise<Answered>

/** A story's access to the stack. */
export type Setting = {
  ask: Ask
  /** The names of the services whose contracts handle a type of event, sorted. */
  handlersOf: (event: string) => string[]
}

/** One check of a story. Steps build on each other: later ones use the results of earlier ones. */
export type Step = [name: string, run: () => Promise<void>]

/** Tries the main task of a service through the gateway. A service's test/smoke.ts exports it as `story`, for `bulkhead smoke`. */
export type Story = (setting: Setting) => Step[]

/** Maximum length of a value in a message, in characters. */
const MAX_VALUE_LENGTH = 300
/** How long `comesToBe` waits by default, in milliseconds. */
const COMES_WITHIN = 20_000
/** The pause between two calls of `look`, in milliseconds. */
const PAUSE = 100

/** Throws an error with both values unless they are deeply equal. `what` names the value. */
export function same(what: string, expected: unknown, actual: unknown) {
  if (isDeepStrictEqual(actual, expected)) return
  throw new Error(
    `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)?.slice(0, MAX_VALUE_LENGTH)}`
  )
}

/** Waits until `look` resolves with the expected value. Rejects with both values after `within` milliseconds. */
export async function comesToBe(
  what: string,
  expected: unknown,
  look: () => Promise<unknown>,
  within = COMES_WITHIN
): Promise<void> {
  for (const limit = Date.now() + within; ; await delay(PAUSE)) {
    const actual = await look()
    if (isDeepStrictEqual(actual, expected)) return
    if (Date.now() > limit) same(what, expected, actual)
  }
}
