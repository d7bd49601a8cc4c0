import type { z } from 'zod'
import { etagOf, notModified } from '../contract/index.ts'

/**
 * Returns a function that copies the fields of a schema from a document, at its top level. During an upgrade, documents may have fields of
 * a newer release that this release's contract does not have.
 */
export function fieldPicker<Shape extends z.ZodRawShape>({ shape }: z.ZodObject<Shape>) {
  const names = Object.keys(shape)
  return <T extends object>(document: T) => {
    const values = document as Record<string, unknown>
    const picked: Record<string, unknown> = {}
    for (const name of names) if (values[name] !== undefined) picked[name] = values[name]
    return picked as Pick<T, keyof T & keyof Shape>
  }
}

/** An answer with an aggregate. `NoInfer` keeps the exact types of status and body, which the operation's answers would widen. */
type VersionedAnswer<Status, Body> = { status: NoInfer<Status>; body: NoInfer<Body>; headers: Record<string, string> }

/** Answers with an aggregate, and with its version as `ETag`. */
export const withETag = <Status extends number, Body extends { version: number }>(
  status: Status,
  body: Body
): VersionedAnswer<Status, Body> => ({ status, body, headers: { ETag: etagOf(body.version) } })

/** Answers like `withETag`, for an aggregate of one person: no cache may keep it (RFC 9111, section 5.2.2.5). */
export function withETagNoStore<Status extends number, Body extends { version: number }>(
  status: Status,
  body: Body
): VersionedAnswer<Status, Body> {
  const { headers } = withETag(status, body)
  return { status, body, headers: { ...headers, 'Cache-Control': 'no-store' } }
}

/** Answers with a 304 if `If-None-Match` names the aggregate's version, else like `withETag`. `toBody` is only called for a body. */
export const withETagOr304 = <T extends { version: number }, Body extends { version: number }>(
  ifNoneMatch: string | undefined,
  aggregate: T,
  toBody: (aggregate: T) => Body
) =>
  notModified(ifNoneMatch, aggregate.version)
    ? { status: 304 as const, headers: { ETag: etagOf(aggregate.version) } }
    : withETag(200, toBody(aggregate))
