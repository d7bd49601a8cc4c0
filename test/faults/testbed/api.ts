import { setTimeout as delay } from 'node:timers/promises'
import type { RequestParts } from '@bulkhead/testing/story'
import { send } from '../../../packages/cli/src/smoke/ask.ts'

/** An answer of the gateway. */
// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
export type Answer = { status: number; body: any; etag: string | null }

/** How long a request is repeated (ms), which is longer than a process stays stopped. */
const PATIENCE_MS = 90_000

/** Calls the gateway's API, and repeats requests without an answer or with a 429 or 5xx. So each request must be safe to repeat. */
export function patientApi(gateway: string) {
  return async function ask(method: string, path: string, sent: RequestParts = {}): Promise<Answer> {
    let last: unknown
    for (const limit = Date.now() + PATIENCE_MS; Date.now() < limit; await delay(200)) {
      try {
        const answer = await send(`${gateway}/api/v1${path}`, method, sent)
        const text = await answer.text()
        if (answer.status < 500 && answer.status !== 429) {
          return { status: answer.status, body: text ? JSON.parse(text) : undefined, etag: answer.headers.get('etag') }
        }
        last = `${answer.status} ${text}`
      } catch (error) {
        last = error
      }
    }
    throw new Error(`${method} ${path} got no answer in ${PATIENCE_MS / 1_000} s: ${last}`)
  }
}

export type Ask = ReturnType<typeof patientApi>

/** Reads all items of a list, page by page. */
export async function all<T>(ask: Ask, path: string, token: string): Promise<T[]> {
  const items: T[] = []
  let cursor = ''
  do {
    const { status, body } = await ask('GET', `${path}?limit=100${cursor}`, { token })
    if (status !== 200) throw new Error(`${path} answers ${status}: ${JSON.stringify(body)}`)
    items.push(...body.items)
    cursor = body.nextCursor ? `&cursor=${encodeURIComponent(body.nextCursor)}` : ''
  } while (cursor)
  return items
}
