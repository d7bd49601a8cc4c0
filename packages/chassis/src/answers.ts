import { etagOf, notModified } from './etag.ts'
import type { Answer } from './routes.ts'

/** An aggregate with its version as ETag. */
export const shown = (status: number, body: { version: number }): Answer => ({
  status,
  body,
  headers: { ETag: etagOf(body.version) }
})

/** The same for what is one person's: no cache may keep it (RFC 9111, section 5.2.2.5). */
export function shownToOne(status: number, body: { version: number }): Answer {
  const answer = shown(status, body)
  return { ...answer, headers: { ...answer.headers, 'Cache-Control': 'no-store' } }
}

/** As `shown`, or a 304 for who has this version, as `If-None-Match` says; `show` is called only where there is a body. */
export const shownUnlessKnown = <T extends { version: number }>(
  ifNoneMatch: string | undefined,
  aggregate: T,
  show: (aggregate: T) => { version: number }
): Answer =>
  notModified(ifNoneMatch, aggregate.version)
    ? { status: 304, headers: { ETag: etagOf(aggregate.version) } }
    : shown(200, show(aggregate))
