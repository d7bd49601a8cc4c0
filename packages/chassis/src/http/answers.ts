import type { z } from 'zod'
import { etagOf, notModified } from '../contract/index.ts'

/**
 * A function that takes from a document the fields that a schema names, at its top level: while a newer release runs beside this one, its
 * documents have fields that this one's contract does not.
 */
export function fieldPicker<Shape extends z.ZodRawShape>({ shape }: z.ZodObject<Shape>) {
  const names = Object.keys(shape)
  return <T extends object>(document: T) => {
    const values = document as Record<string, unknown>
    const taken: Record<string, unknown> = {}
    for (const name of names) if (values[name] !== undefined) taken[name] = values[name]
    return taken as Pick<T, keyof T & keyof Shape>
  }
}

/** What is shown: not inferred from what is expected of it, which says less than what is given. */
type Shown<Status, Body> = { status: NoInfer<Status>; body: NoInfer<Body>; headers: Record<string, string> }

/** An aggregate with its version as ETag. */
export const withETag = <Status extends number, Body extends { version: number }>(
  status: Status,
  body: Body
): Shown<Status, Body> => ({ status, body, headers: { ETag: etagOf(body.version) } })

/** The same for what is one person's: no cache may keep it (RFC 9111, section 5.2.2.5). */
export function withETagNoStore<Status extends number, Body extends { version: number }>(status: Status, body: Body) {
  const answer = withETag(status, body)
  return { ...answer, headers: { ...answer.headers, 'Cache-Control': 'no-store' } }
}

/** As `shown`, or a 304 for who has this version, as `If-None-Match` says; `show` is called only where there is a body. */
export const withETagOr304 = <T extends { version: number }, Body extends { version: number }>(
  ifNoneMatch: string | undefined,
  aggregate: T,
  show: (aggregate: T) => Body
) =>
  notModified(ifNoneMatch, aggregate.version)
    ? { status: 304 as const, headers: { ETag: etagOf(aggregate.version) } }
    : withETag(200, show(aggregate))
