import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

export type Sent = {
  token?: string | undefined
  body?: object | undefined
  headers?: Record<string, string> | undefined
}

type Asked = Sent & {
  /** Which of the demo people's token goes along; none when left out, unless `token` is another. */
  as?: 'customer' | 'staff'
}

/** An answer of the gateway; `etag` is there for what has a version. The body is whatever JSON came: the steps say what of it they expect. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Answered = { body: any; etag: string; contentType: string }

/** Sends a request to the gateway, below its address. Fails with what came when its status is not among `expected`. */
export type Ask = (expected: number | number[], method: string, path: string, asked?: Asked) => Promise<Answered>

/** What a story is given of the stack that it is tried on. */
export type Setting = {
  ask: Ask
  /** The services of the stack that handle a type of event, by their contracts, in the order of their names. */
  handlersOf: (event: string) => string[]
}

/** One thing to be seen working. Steps of a story build on each other: what the first ones make is used by the next. */
export type Step = [name: string, run: () => Promise<void>]

/** The main job of a service over HTTP through the gateway: what its test/smoke.ts exports as `story`, for `bulkhead smoke`. */
export type Story = (setting: Setting) => Step[]

/** Characters of what came that a message shows. */
const SHOWN = 300
/** Milliseconds in which what comes to be does, and between two looks at it. */
const [COMES_WITHIN, PAUSE] = [20_000, 100]

/** Fails with both when what came is not what is expected. */
export function same(what: string, expected: unknown, came: unknown) {
  if (isDeepStrictEqual(came, expected)) return
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, came ${JSON.stringify(came)?.slice(0, SHOWN)}`)
}

/** Waits until what `look` resolves with is what is expected. Fails with both when it is not within so many milliseconds. */
export async function comesToBe(
  what: string,
  expected: unknown,
  look: () => Promise<unknown>,
  within = COMES_WITHIN
): Promise<void> {
  for (const limit = Date.now() + within; ; await delay(PAUSE)) {
    const came = await look()
    if (isDeepStrictEqual(came, expected)) return
    if (Date.now() > limit) same(what, expected, came)
  }
}
